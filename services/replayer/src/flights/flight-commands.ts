import type { CommandLine, TimedCommand } from '../command.js';
import { scheduledArrivalOf, type FlightRow } from './flight-row.js';
import { dayMs, isoWithOffset, type TimeZones } from './time-zones.js';

/** All three of New York's airports keep its time. */
export const originZone = 'America/New_York';
/** The four destinations that the list of airports does not know (BQN, PSE, SJU, STT) keep this one. */
const unlistedZone = 'America/Puerto_Rico';
const minuteMs = 60_000;

/** Turns a flight of the record into what was commanded, and when, in the order of time. */
export class FlightCommands {
  constructor(
    /** Time zone by airport. */
    private readonly zoneOf: ReadonlyMap<string, string>,
    private readonly zones: TimeZones,
  ) {}

  /**
   * Scheduled 24 hours ahead; then departed and arrived, or cancelled at its scheduled departure (no departure known), or
   * diverted (departed, but no arrival known).
   */
  of(row: FlightRow): TimedCommand[] {
    const offset = this.zones.offsetMinutes(originZone, row.scheduledDeparture);
    const writtenDeparture = isoWithOffset(row.scheduledDeparture, offset);
    const flightId = `${writtenDeparture.slice(0, 10)}-${row.carrier}${row.number}-${row.origin}`;
    const zone = this.zoneOf.get(row.destination) ?? unlistedZone;
    const scheduledArrival = scheduledArrivalOf(row, zone, this.zones);
    const command = (
      atMs: number,
      step: string,
      fields: Omit<CommandLine, 'id'> & { type: string },
    ): TimedCommand => {
      return { atMs, month: row.month, line: { id: `${flightId}/${step}`, ...fields } };
    };
    const schedule = { type: 'ScheduleFlight', ...planOf(row, writtenDeparture, scheduledArrival) };
    return [
      command(row.scheduledDeparture - dayMs, 'schedule', schedule),
      ...happened(row, scheduledArrival).map(({ atMs, step, type, timeField }) =>
        command(atMs, step, { type, flightId, [timeField]: isoUtc(atMs) }),
      ),
    ];
  }
}

interface Happening {
  readonly atMs: number;
  readonly step: string;
  readonly type: string;
  readonly timeField: string;
}

function happened(row: FlightRow, scheduledArrival: number | undefined): Happening[] {
  const { scheduledDeparture, departureDelayMinutes, arrivalDelayMinutes } = row;
  if (departureDelayMinutes === undefined) {
    return [{ atMs: scheduledDeparture, step: 'cancel', type: 'CancelFlight', timeField: 'cancelledAt' }];
  }
  const departedAt = scheduledDeparture + departureDelayMinutes * minuteMs;
  const departed = { atMs: departedAt, step: 'depart', type: 'DepartFlight', timeField: 'departedAt' };
  if (arrivalDelayMinutes === undefined || scheduledArrival === undefined) {
    const atMs = divertedAt(row, departedAt, scheduledArrival);
    return [departed, { atMs, step: 'divert', type: 'DivertFlight', timeField: 'divertedAt' }];
  }
  const arrivedAt = scheduledArrival + arrivalDelayMinutes * minuteMs;
  return [departed, { atMs: arrivedAt, step: 'arrive', type: 'ArriveFlight', timeField: 'arrivedAt' }];
}

/** After the time in the air where it is known; else when the flight would have arrived with the delay that it left with. */
function divertedAt(row: FlightRow, departedAt: number, scheduledArrival: number | undefined): number {
  if (row.airTimeMinutes !== undefined) return departedAt + row.airTimeMinutes * minuteMs;
  if (scheduledArrival === undefined) return departedAt + 60 * minuteMs;
  return departedAt + (scheduledArrival - row.scheduledDeparture);
}

function planOf(row: FlightRow, scheduledDeparture: string, scheduledArrival: number | undefined) {
  const { carrier, number, origin, destination, tailnum, distanceMiles } = row;
  return {
    ...{ carrier, number, origin, destination, tailnum, distanceMiles, scheduledDeparture },
    scheduledArrival: scheduledArrival === undefined ? null : isoUtc(scheduledArrival),
  };
}

function isoUtc(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 19)}Z`;
}
