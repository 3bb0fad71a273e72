import type { FlightRow } from '../views/row.js';

/** A store as one would use it by hand: a table, a hash, an index with a row per flight. */
export interface Target {
  /** Empties it. `keyed`: rows will be put by key; otherwise all come once, by `load`. */
  prepare(keyed: boolean): Promise<void>;
  /** All rows at once, by the fastest way in. */
  load(rows: Iterable<FlightRow>): Promise<void>;
  /** Newest rows, each key once. Calls for different partitions may overlap. */
  put(rows: readonly FlightRow[]): Promise<void>;
  /** What only readers need: keys, refresh. */
  finish(keyed: boolean): Promise<void>;
  rows(): AsyncIterable<FlightRow>;
  drop(): Promise<void>;
  stop(): Promise<void>;
}
