import type { Flight } from '@reprise/contracts';
import { z } from 'zod';

const epochMs = z.int();

/** A flight as every measured store holds it. */
export const flightRow = z.object({
  flightId: z.string(),
  date: z.string(),
  carrier: z.string(),
  number: z.int(),
  origin: z.string(),
  destination: z.string(),
  tailnum: z.string().nullable(),
  scheduledDeparture: epochMs,
  scheduledArrival: epochMs.nullable(),
  distanceMiles: z.int().nullable(),
  status: z.enum(['unknown', 'scheduled', 'departed', 'arrived', 'cancelled', 'diverted']),
  departedAt: epochMs.nullable(),
  arrivedAt: epochMs.nullable(),
  departureDelayMinutes: z.int().nullable(),
  arrivalDelayMinutes: z.int().nullable(),
});
export type FlightRow = Readonly<z.infer<typeof flightRow>>;

export const rowFields = flightRow.keyof().options;

export function rowOf(flight: Pick<Flight, keyof FlightRow>): FlightRow {
  return {
    flightId: flight.flightId,
    date: flight.date,
    carrier: flight.carrier,
    number: flight.number,
    origin: flight.origin,
    destination: flight.destination,
    tailnum: flight.tailnum,
    scheduledDeparture: flight.scheduledDeparture,
    scheduledArrival: flight.scheduledArrival,
    distanceMiles: flight.distanceMiles,
    status: flight.status,
    departedAt: flight.departedAt,
    arrivedAt: flight.arrivedAt,
    departureDelayMinutes: flight.departureDelayMinutes,
    arrivalDelayMinutes: flight.arrivalDelayMinutes,
  };
}
