import type { Flight } from '@reprise/contracts';
import { recordedCommands, type CommandLine } from '@reprise/replayer';
import type { FlightEnvelope } from './years.js';

const everyMonth = Array.from({ length: 12 }, (_, index) => index + 1);

/** Every event of the recorded year in the order of time, as the platform would publish it. */
export async function recordedYear(): Promise<FlightEnvelope[]> {
  const events: FlightEnvelope[] = [];
  const newest = new Map<string, FlightEnvelope>();
  for await (const { atMs, line } of await recordedCommands(everyMonth)) {
    const flightId = line.id.slice(0, line.id.indexOf('/'));
    const before = newest.get(flightId);
    const envelope = before ? happened(before, line, atMs) : scheduled(flightId, line, atMs);
    newest.set(flightId, envelope);
    events.push(envelope);
  }
  return events;
}

function scheduled(flightId: string, line: CommandLine, occurredAt: number): FlightEnvelope {
  const written = textOf(line, 'scheduledDeparture');
  const planned = {
    flightId,
    date: flightId.slice(0, 10),
    carrier: textOf(line, 'carrier'),
    number: numberOf(line, 'number'),
    origin: textOf(line, 'origin'),
    destination: textOf(line, 'destination'),
    tailnum: line['tailnum'] === null ? null : textOf(line, 'tailnum'),
    scheduledDeparture: Date.parse(written),
    utcOffsetMinutes: offsetMinutes(written),
    scheduledArrival: line['scheduledArrival'] === null ? null : timeOf(line, 'scheduledArrival'),
    distanceMiles: numberOf(line, 'distanceMiles'),
  };
  const state: Flight = {
    ...planned,
    status: 'scheduled',
    departedAt: null,
    arrivedAt: null,
    cancelledAt: null,
    divertedAt: null,
    divertedTo: null,
    departureDelayMinutes: null,
    arrivalDelayMinutes: null,
  };
  const changed = Object.keys(planned);
  return { event: 'FlightScheduled', version: 1, occurredAt, changed, deleted: false, state };
}

/** @throws RangeError for a command that the record does not give. */
function happened({ version, state }: FlightEnvelope, line: CommandLine, occurredAt: number): FlightEnvelope {
  const { event, change } = outcomeOf(line, state);
  return {
    event,
    version: version + 1,
    occurredAt,
    changed: Object.keys(change),
    deleted: false,
    state: { ...state, ...change },
  };
}

function outcomeOf(line: CommandLine, state: Flight): { event: string; change: Partial<Flight> } {
  const { scheduledDeparture, scheduledArrival } = state;
  switch (line.type) {
    case 'DepartFlight': {
      const departedAt = timeOf(line, 'departedAt');
      const departureDelayMinutes = minutesBetween(scheduledDeparture, departedAt);
      return { event: 'FlightDeparted', change: { status: 'departed', departedAt, departureDelayMinutes } };
    }
    case 'ArriveFlight': {
      const arrivedAt = timeOf(line, 'arrivedAt');
      const arrivalDelayMinutes =
        scheduledArrival === null ? null : minutesBetween(scheduledArrival, arrivedAt);
      return { event: 'FlightArrived', change: { status: 'arrived', arrivedAt, arrivalDelayMinutes } };
    }
    case 'CancelFlight':
      return {
        event: 'FlightCancelled',
        change: { status: 'cancelled', cancelledAt: timeOf(line, 'cancelledAt') },
      };
    case 'DivertFlight':
      return {
        event: 'FlightDiverted',
        change: { status: 'diverted', divertedAt: timeOf(line, 'divertedAt') },
      };
    default:
      throw new RangeError(`the record gives no ${line.type}`);
  }
}

function minutesBetween(plannedMs: number, actualMs: number): number {
  return Math.round((actualMs - plannedMs) / 60_000);
}

/** From the end of an ISO time, as `-05:00`. */
function offsetMinutes(written: string): number {
  const minutes = Number(written.slice(-5, -3)) * 60 + Number(written.slice(-2));
  return written.at(-6) === '-' ? -minutes : minutes;
}

function timeOf(line: CommandLine, field: string): number {
  return Date.parse(textOf(line, field));
}

function textOf(line: CommandLine, field: string): string {
  const value = line[field];
  if (typeof value === 'string') return value;
  throw new RangeError(`${line.id} has no ${field}`);
}

function numberOf(line: CommandLine, field: string): number {
  const value = line[field];
  if (typeof value === 'number') return value;
  throw new RangeError(`${line.id} has no ${field}`);
}
