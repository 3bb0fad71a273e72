import { z } from 'zod';
import { airportCode, carrierCode, tailNumber, unknownable, writtenTime } from '../fields.js';
import type { FlightCommand } from './decider.js';

const instant = writtenTime.transform((written) => Date.parse(written));

export const flightId = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}-[A-Z0-9]{2}[1-9]\d{0,3}-[A-Z0-9]{3,4}$/,
    'must be a flight id, as 2013-01-01-UA1545-EWR',
  );

export const scheduleBody = z.strictObject({
  carrier: carrierCode,
  number: z.int().min(1).max(9_999),
  origin: airportCode,
  destination: airportCode,
  scheduledDeparture: writtenTime.refine(isNearUtc, 'must have an offset of at most 14 hours'),
  scheduledArrival: unknownable(instant),
  tailnum: unknownable(tailNumber),
  distanceMiles: unknownable(z.int().min(1).max(15_000)),
  /** Local date of the scheduled departure; left out: the date as written in it. */
  date: z.iso.date().optional(),
});

export const departureBody = z.strictObject({ departedAt: instant.optional() });
export const arrivalBody = z.strictObject({ arrivedAt: instant.optional() });
export const cancellationBody = z.strictObject({ cancelledAt: instant.optional() });
export const diversionBody = z.strictObject({
  divertedAt: instant.optional(),
  divertedTo: unknownable(airportCode),
});

/** The command, with the id of the flight that it is for. */
export function scheduleFlight(body: z.output<typeof scheduleBody>): { key: string; command: FlightCommand } {
  const { scheduledDeparture: written, date = written.slice(0, 10), ...plan } = body;
  const key = `${date}-${plan.carrier}${plan.number}-${plan.origin}`;
  const times = { scheduledDeparture: Date.parse(written), utcOffsetMinutes: offsetMinutes(written) };
  return { key, command: { type: 'ScheduleFlight', schedule: { flightId: key, date, ...plan, ...times } } };
}

/** A time that is left out is the time of the command. */
export function departFlight({ departedAt }: z.output<typeof departureBody>, nowMs: number): FlightCommand {
  return { type: 'DepartFlight', departedAt: departedAt ?? nowMs };
}

export function arriveFlight({ arrivedAt }: z.output<typeof arrivalBody>, nowMs: number): FlightCommand {
  return { type: 'ArriveFlight', arrivedAt: arrivedAt ?? nowMs };
}

export function cancelFlight(
  { cancelledAt }: z.output<typeof cancellationBody>,
  nowMs: number,
): FlightCommand {
  return { type: 'CancelFlight', cancelledAt: cancelledAt ?? nowMs };
}

export function divertFlight(
  { divertedAt, divertedTo }: z.output<typeof diversionBody>,
  nowMs: number,
): FlightCommand {
  return { type: 'DivertFlight', divertedAt: divertedAt ?? nowMs, divertedTo };
}

/** Minutes east of UTC, from the end of an ISO time: `Z` or `-05:00`. */
function offsetMinutes(written: string): number {
  if (written.endsWith('Z')) return 0;
  const minutes = Number(written.slice(-5, -3)) * 60 + Number(written.slice(-2));
  return written.at(-6) === '-' ? 0 - minutes : minutes;
}

function isNearUtc(written: string): boolean {
  return Math.abs(offsetMinutes(written)) <= 14 * 60;
}
