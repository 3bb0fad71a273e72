import { z } from 'zod';

const text = z.string();
const whole = z.int();
const epochMs = whole.describe('Epoch milliseconds, UTC');
const delay = whole.nullable();

/** One flight, as the view holds it. */
export const flightRow = z.object({
  flightId: text.describe('date-carrierNumber-origin, as 2013-01-01-UA1545-EWR'),
  carrier: text.describe('IATA code of the carrier'),
  number: whole.describe('Flight number'),
  origin: text.describe('FAA code of the origin'),
  destination: text.describe('FAA code of the destination'),
  date: text.describe('Local date of the scheduled departure, YYYY-MM-DD'),
  scheduledDeparture: epochMs,
  scheduledArrival: epochMs.nullable(),
  status: z.enum(['unknown', 'scheduled', 'departed', 'arrived', 'cancelled', 'diverted']),
  tailnum: text.nullable().describe('Tail number of the aircraft'),
  departureDelayMinutes: delay.describe('Minutes after the scheduled departure; negative is early'),
  arrivalDelayMinutes: delay.describe('Minutes after the scheduled arrival; negative is early'),
  distanceMiles: whole.nullable(),
  airlineName: text.nullable(),
  originName: text.nullable(),
  destinationName: text.nullable(),
  aircraftManufacturer: text.nullable(),
  aircraftModel: text.nullable(),
  aircraftSeats: whole.nullable(),
});

export type FlightRow = Readonly<z.infer<typeof flightRow>>;

/** One flight, as the service answers: times as ISO 8601, UTC. */
export const shownFlight = flightRow.extend({
  scheduledDeparture: z.iso.datetime(),
  scheduledArrival: z.iso.datetime().nullable(),
});
export type ShownFlight = Readonly<z.infer<typeof shownFlight>>;

export function shown(row: FlightRow): ShownFlight {
  return {
    ...row,
    scheduledDeparture: new Date(row.scheduledDeparture).toISOString(),
    scheduledArrival: row.scheduledArrival === null ? null : new Date(row.scheduledArrival).toISOString(),
  };
}
