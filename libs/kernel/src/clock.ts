/** The time, passed in wherever it is needed, so that pure code never reads it. */
export interface Clock {
  /** Epoch milliseconds, UTC. */
  nowMs(): number;
}
