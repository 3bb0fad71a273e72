import type { Positions } from '@reprise/kernel';

export interface Observation {
  readonly nowMs: number;
  /** Partitions that were given to the reader; undefined while its group has not given it any answer yet. */
  readonly assigned: readonly string[] | undefined;
  /** Where the reader stands. */
  readonly positions: Positions;
  readonly ends: Positions;
  /** Counts what the reader has done. */
  readonly progress: number;
  /** It has been at one and the same piece of work for some time: a slow store, or one that is away. */
  readonly isWorking: boolean;
}

/**
 * Sees "lag, but no progress": the reader has partitions with records that it has not read, is not at work on any, and
 * has done nothing; or it waits for its group to give it anything at all. Both for longer than `stallMs`. Clients have
 * stopped fetching that way without an error, or joined their group again and again.
 */
export class StallWatch {
  private sinceMs: number | undefined;
  private progress = -1;

  constructor(private readonly stallMs: number) {}

  /** Why the reader has to be started anew; undefined when it is well. */
  observe({ nowMs, assigned, positions, ends, progress, isWorking }: Observation): string | undefined {
    const behind = assigned?.filter((id) => (positions.get(id) ?? 0n) < (ends.get(id) ?? 0n));
    if (isWorking || behind?.length === 0 || progress !== this.progress) {
      this.progress = progress;
      this.sinceMs = undefined;
      return undefined;
    }
    this.sinceMs ??= nowMs;
    const silentMs = Math.round(nowMs - this.sinceMs);
    if (silentMs < this.stallMs) return undefined;
    // Started anew, it has its time again.
    this.sinceMs = undefined;
    const where = behind ? `${behind.join(', ')} have more` : 'its group gave it no answer';
    return `nothing was read for ${silentMs} ms, though ${where}`;
  }
}
