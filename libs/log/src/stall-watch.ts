import type { Positions } from '@reprise/kernel';

export interface Observation {
  readonly nowMs: number;
  /** Partitions that were given to the reader; undefined while its group has not given it any answer yet. */
  readonly assigned: readonly string[] | undefined;
  /** Where the reader stands. */
  readonly positions: Positions;
  readonly ends: Positions;
  /** Partitions on which one and the same piece of work has been in hand for some time: a slow store, or one that is away. */
  readonly working: ReadonlySet<string>;
}

interface Standstill {
  readonly sinceMs: number;
  readonly position: bigint;
}

/** In the place of a partition, for a reader that has none yet. */
const group = '';

/**
 * Sees "lag, but no progress": a partition has records that the reader has not read, is not at work on, and it stands where
 * it stood; or the reader waits for its group to give it anything at all. Either for longer than `stallMs`, whatever it does
 * on other partitions. Clients have stopped fetching that way without an error, or joined their group again and again.
 */
export class StallWatch {
  private readonly standing = new Map<string, Standstill>();

  constructor(private readonly stallMs: number) {}

  /** Why the reader has to be started anew; undefined when it is well. */
  observe(observation: Observation): string | undefined {
    const { nowMs } = observation;
    const waiting = waitingOf(observation);
    for (const id of this.standing.keys()) if (!waiting.has(id)) this.standing.delete(id);
    const stalled: { id: string; silentMs: number }[] = [];
    for (const [id, position] of waiting) {
      const before = this.standing.get(id);
      if (before?.position !== position) this.standing.set(id, { sinceMs: nowMs, position });
      else if (nowMs - before.sinceMs >= this.stallMs)
        stalled.push({ id, silentMs: Math.round(nowMs - before.sinceMs) });
    }
    if (stalled.length === 0) return undefined;
    // Started anew, it has its time again.
    this.standing.clear();
    const where = stalled.map(({ id }) => id).join(', ');
    const what = where === group ? 'its group gave it no answer' : `${where} have more`;
    return `nothing was read for ${Math.max(...stalled.map(({ silentMs }) => silentMs))} ms, though ${what}`;
  }
}

/** Where the reader stands on what it should be reading. */
function waitingOf({ assigned, positions, ends, working }: Observation): Positions {
  if (!assigned) return new Map([[group, 0n]]);
  const behind = assigned.filter(
    (id) => (positions.get(id) ?? 0n) < (ends.get(id) ?? 0n) && !working.has(id),
  );
  return new Map(behind.map((id) => [id, positions.get(id) ?? -1n]));
}
