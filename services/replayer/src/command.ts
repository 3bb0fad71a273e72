import type { Timed } from './flights/heap.js';

/** A command as the batch route takes it, one JSON object a line. */
export interface CommandLine {
  /** The same in every replay: sending it again changes nothing. */
  readonly id: string;
  readonly type: string;
  readonly [field: string]: string | number | null;
}

/** A command with the moment of 2013 at which it was given, and the month of the flight that it belongs to. */
export interface TimedCommand extends Timed {
  readonly month: number;
  readonly line: CommandLine;
}
