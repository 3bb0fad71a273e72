import { catalogue } from '@reprise/contracts';
import { defineView, reference, row } from '@reprise/view';
import type { FlightRow } from './row.js';

/** Every flight, to be searched by route, airline, day, status, delay and free text: one row per flight. */
export const flightSearch = defineView({
  name: 'flight-search',
  version: 2,
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
  references: {
    airline: reference('carrier', catalogue.airline, ['name']),
    origin: reference('origin', catalogue.airport, ['name']),
    destination: reference('destination', catalogue.airport, ['name']),
    aircraft: reference('tailnum', catalogue.aircraft, ['manufacturer', 'model', 'seats']),
  },
  project: (flight, { airline, origin, destination, aircraft }) => [
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
      airlineName: airline?.name ?? null,
      originName: origin?.name ?? null,
      destinationName: destination?.name ?? null,
      aircraftManufacturer: aircraft?.manufacturer ?? null,
      aircraftModel: aircraft?.model ?? null,
      aircraftSeats: aircraft?.seats ?? null,
    }),
  ],
});
