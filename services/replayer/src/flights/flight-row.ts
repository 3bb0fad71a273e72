import type { TimeZones } from './time-zones.js';

/** One flight as the record has it. Minutes are undefined where the record says NA or nothing. */
export interface FlightRow {
  readonly month: number;
  readonly day: number;
  readonly carrier: string;
  readonly number: number;
  readonly tailnum: string | null;
  readonly origin: string;
  readonly destination: string;
  readonly distanceMiles: number;
  /** Epoch milliseconds, UTC. */
  readonly scheduledDeparture: number;
  /** Minutes after midnight at the destination; 1,440 is midnight at the end of the day. */
  readonly scheduledArrivalMinutes: number | undefined;
  readonly departureDelayMinutes: number | undefined;
  readonly arrivalDelayMinutes: number | undefined;
  readonly airTimeMinutes: number | undefined;
}

/** Places of the columns in the file. */
const column = {
  month: 1,
  day: 2,
  departureDelay: 5,
  scheduledArrival: 7,
  arrivalDelay: 8,
  carrier: 9,
  number: 10,
  tailnum: 11,
  origin: 12,
  destination: 13,
  airTime: 14,
  distance: 15,
  minute: 17,
  hourUtc: 18,
} as const;

/** The file's first line, which pins the places above. */
export const flightColumns =
  'year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,origin,dest,' +
  'air_time,distance,hour,minute,time_hour';

/** @throws RangeError when a value that every flight has is missing or not a number. */
export function readFlightRow(record: readonly string[]): FlightRow {
  const cell = (name: keyof typeof column): string => record[column[name]] ?? '';
  const scheduledArrival = known(cell('scheduledArrival'));
  return {
    month: number(cell('month')),
    day: number(cell('day')),
    carrier: cell('carrier'),
    number: number(cell('number')),
    tailnum: isUnknown(cell('tailnum')) ? null : cell('tailnum'),
    origin: cell('origin'),
    destination: cell('destination'),
    distanceMiles: number(cell('distance')),
    scheduledDeparture: instant(cell('hourUtc')) + number(cell('minute')) * 60_000,
    scheduledArrivalMinutes: scheduledArrival === undefined ? undefined : minutesOfDay(scheduledArrival),
    departureDelayMinutes: known(cell('departureDelay')),
    arrivalDelayMinutes: known(cell('arrivalDelay')),
    airTimeMinutes: known(cell('airTime')),
  };
}

/** The first moment after the scheduled departure at which clocks at the destination show the scheduled arrival. */
export function scheduledArrivalOf(row: FlightRow, zone: string, zones: TimeZones): number | undefined {
  const { scheduledArrivalMinutes: minutes, scheduledDeparture } = row;
  if (minutes === undefined) return undefined;
  const local = new Date(zones.toLocal(zone, scheduledDeparture));
  const arrivalOn = (dayOffset: number): number =>
    zones.toInstant(
      zone,
      Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + dayOffset, 0, minutes),
    );
  return [0, 1].map(arrivalOn).find((instantMs) => instantMs > scheduledDeparture);
}

function isUnknown(cell: string): boolean {
  return cell === '' || cell === 'NA';
}

function known(cell: string): number | undefined {
  return isUnknown(cell) ? undefined : number(cell);
}

function number(cell: string): number {
  const value = Number(cell);
  if (cell !== '' && Number.isFinite(value)) return value;
  throw new RangeError(`not a number: '${cell}'`);
}

function instant(cell: string): number {
  const value = Date.parse(cell);
  if (!Number.isNaN(value)) return value;
  throw new RangeError(`not a time: '${cell}'`);
}

/** 830 is half past eight. */
function minutesOfDay(hourMinute: number): number {
  return Math.floor(hourMinute / 100) * 60 + (hourMinute % 100);
}
