import type { Generation } from '@reprise/contracts';
import { isFed, parseStatus } from '@reprise/view';
import type { BuilderFacts } from '../builders/builder-reports.js';

export interface ExpiryClockOptions {
  readonly notes: Pick<StandstillNotes, 'notedAtMs' | 'note'>;
  /** How long the log keeps the tombstones of these topics. */
  readonly tombstonesKeptMs: (topics: readonly string[]) => number;
  /** What has not moved for longer stands still. */
  readonly staleAfterMs: number;
  readonly clock: { nowMs(): number };
}

/** When generations were last known to move, over restarts. */
export interface StandstillNotes {
  notedAtMs(view: string, number: number): number | undefined;
  note(view: string, number: number, atMs: number): Promise<void>;
}

/**
 * A generation that stands still can be caught up with the log as long as no tombstone has left it since: then it would
 * keep rows that are gone. Until when that is, this tells. A generation moves while each of its partitions advances or is
 * at its end; a pause, a builder that is away and a store that is away stop it alike.
 */
export class ExpiryClock {
  constructor(private readonly options: ExpiryClockOptions) {}

  /** Epoch milliseconds; null while it moves, or is no longer fed. */
  expiresAtMs(view: string, generation: Generation, facts: BuilderFacts): number | null {
    if (!isFed(parseStatus(generation.status))) return null;
    const { clock, staleAfterMs, tombstonesKeptMs } = this.options;
    const movedMs = this.movedAtMs(view, generation, facts);
    if (!generation.paused && clock.nowMs() - movedMs <= staleAfterMs) return null;
    return movedMs + tombstonesKeptMs(topicsOf(generation));
  }

  /** Writes down how far the clock has come, for the time after a restart. */
  async keep(view: string, generations: readonly Generation[], facts: BuilderFacts): Promise<void> {
    for (const generation of generations.filter(({ status }) => isFed(parseStatus(status)))) {
      await this.options.notes.note(view, generation.number, this.movedAtMs(view, generation, facts));
    }
  }

  /** Where nothing was noted yet, the last that was heard of it is taken for a move: it may not fail for want of memory. */
  private movedAtMs(view: string, generation: Generation, facts: BuilderFacts): number {
    const { number, statusSince } = generation;
    const moved = movedIn(generation, facts);
    const noted = this.options.notes.notedAtMs(view, number);
    if (moved !== undefined || noted !== undefined) return Math.max(moved ?? 0, noted ?? 0);
    return Math.max(statusSince, facts.seen.get(number) ?? facts.endedAtMs ?? 0);
  }
}

/** The moment of the partition that has stood still for longest; undefined when one was never seen to move. */
function movedIn({ number, targets }: Generation, { moved }: BuilderFacts): number | undefined {
  const moments = moved.get(number);
  const each = targets.map(({ partition }) => moments?.get(partition));
  const known = each.filter((moment) => moment !== undefined);
  return known.length === 0 || known.length < each.length ? undefined : Math.min(...known);
}

function topicsOf({ targets }: Generation): string[] {
  return [...new Set(targets.map(({ partition }) => partition.slice(0, partition.lastIndexOf('/'))))];
}
