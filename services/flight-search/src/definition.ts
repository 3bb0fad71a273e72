import { catalogue } from '@reprise/contracts';
import { defineView, row } from '@reprise/view';
import type { FlightRow } from './row.js';

/** Every flight, to be searched by route, airline, day, status, delay and free text: one row per flight. */
export const flightSearch = defineView({
  name: 'flight-search',
  version: 1,
  source: catalogue.flight,
  fields: [
    'flightId',
    'carrier',
    'number',
    'origin',
    'destination',
    'date',
    'scheduledDeparture',
    'scheduledArrival',
    'status',
    'tailnum',
    'departureDelayMinutes',
    'arrivalDelayMinutes',
    'distanceMiles',
  ],
  project: (flight) => [
    row<FlightRow>(flight.flightId, {
      flightId: flight.flightId,
      carrier: flight.carrier,
      number: flight.number,
      origin: flight.origin,
      destination: flight.destination,
      date: flight.date,
      scheduledDeparture: flight.scheduledDeparture,
      scheduledArrival: flight.scheduledArrival,
      status: flight.status,
      tailnum: flight.tailnum,
      departureDelayMinutes: flight.departureDelayMinutes,
      arrivalDelayMinutes: flight.arrivalDelayMinutes,
      distanceMiles: flight.distanceMiles,
    }),
  ],
});
