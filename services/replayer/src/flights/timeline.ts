import type { TimedCommand } from '../command.js';
import { originZone, type FlightCommands } from './flight-commands.js';
import type { FlightRow } from './flight-row.js';
import { TimeHeap } from './heap.js';
import { dayMs, type TimeZones } from './time-zones.js';

export interface TimelineSources {
  /** Flights, ascending by day. */
  readonly rows: AsyncIterable<FlightRow> | Iterable<FlightRow>;
  readonly commands: FlightCommands;
  readonly zones: TimeZones;
  /** The year of the record. */
  readonly year: number;
}

/**
 * All commands in the order of time. Flights come day by day, and nothing happens to a flight earlier than 24 hours before
 * its day begins; so what is earlier than that is complete and given out. Held are the commands of two or three days.
 * @throws RangeError when a flight comes after one of a later day.
 */
export async function* timeline({
  rows,
  commands,
  zones,
  year,
}: TimelineSources): AsyncGenerator<TimedCommand> {
  const heap = new TimeHeap<TimedCommand>();
  let today = -Infinity;
  for await (const row of rows) {
    const day = Date.UTC(year, row.month - 1, row.day);
    if (day < today)
      throw new RangeError(`flights must come day by day: ${row.month}/${row.day} came too late`);
    if (day > today) {
      today = day;
      yield* drain(heap, zones.toInstant(originZone, day) - dayMs);
    }
    for (const command of commands.of(row)) heap.push(command);
  }
  yield* drain(heap, Infinity);
}

function* drain(heap: TimeHeap<TimedCommand>, limitMs: number): Generator<TimedCommand> {
  for (let next = heap.popBefore(limitMs); next; next = heap.popBefore(limitMs)) yield next;
}
