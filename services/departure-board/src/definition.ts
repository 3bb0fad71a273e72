import { catalogue } from '@reprise/contracts';
import { defineView, reference, row } from '@reprise/view';
import type { BoardRow } from './row.js';

/** Every flight on the board of its origin. A cancelled flight stays, as passengers look for it; a deleted one goes. */
export const departureBoard = defineView({
  name: 'departure-board',
  version: 2,
  source: catalogue.flight,
  fields: [
    'flightId',
    'carrier',
    'number',
    'origin',
    'destination',
    'tailnum',
    'scheduledDeparture',
    'scheduledArrival',
    'status',
    'departedAt',
    'departureDelayMinutes',
  ],
  references: {
    airline: reference('carrier', catalogue.airline, ['name']),
    destination: reference('destination', catalogue.airport, ['name']),
    aircraft: reference('tailnum', catalogue.aircraft, ['model', 'seats']),
  },
  project: (flight, { airline, destination, aircraft }) => [
    row<BoardRow>(flight.flightId, {
      flightId: flight.flightId,
      carrier: flight.carrier,
      number: flight.number,
      origin: flight.origin,
      destination: flight.destination,
      tailnum: flight.tailnum,
      scheduledDeparture: flight.scheduledDeparture,
      scheduledArrival: flight.scheduledArrival,
      status: flight.status,
      departedAt: flight.departedAt,
      departureDelayMinutes: flight.departureDelayMinutes,
      airlineName: airline?.name ?? null,
      destinationName: destination?.name ?? null,
      aircraftModel: aircraft?.model ?? null,
      aircraftSeats: aircraft?.seats ?? null,
    }),
  ],
});
