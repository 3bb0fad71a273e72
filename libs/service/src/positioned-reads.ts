import type { IncomingHttpHeaders } from 'node:http';
import {
  formatPositions,
  hasReached,
  parsePartitionId,
  parsePositions,
  type Positions,
} from '@reprise/kernel';
import { problem, type ProblemException } from './problem.js';
import { SharedAnswers } from './shared-answers.js';

/** Request header: the answer must show all that stands below these positions. */
export const minPositionHeader = 'Reprise-Min-Position';
/** Response header: the answer shows nothing that stands at or beyond these positions. Handed back, no later answer shows less. */
export const positionHeader = 'Reprise-Position';

export interface PositionedReadsOptions {
  /** The positions that readers of a generation see, at least. Undefined when it is gone. */
  readonly positions: (generation: string) => Promise<Positions | undefined>;
  /** The positions that readers of a generation see, at most. */
  readonly mayShow: (generation: string) => Promise<Positions>;
  /** The generation that is served; undefined while there is none. */
  readonly generation: () => string | undefined;
  /** Topics that the view is built from: what happened elsewhere it never shows, so nobody waits for that. */
  readonly topics: () => readonly string[];
  /** Longest time that a read waits. */
  readonly maxWaitMs: number;
  /** Reads that may wait at once; beyond it they are refused at once. */
  readonly maxWaiting: number;
  readonly pause: (durationMs: number) => Promise<void>;
  readonly nowMs: () => number;
}

/** A result, and the generation that it comes from. */
export interface Answered<Result> {
  readonly generation: string;
  readonly result: Result;
}

interface Wait {
  readonly maxWaitMs: number;
  readonly untilMs: number;
}

const pollMs = 10;
const longestHeader = 8_192;

/** Reads that must show what their client has seen or written: they wait for their generation, bounded in time and number. */
export class PositionedReads {
  private readonly shown: SharedAnswers<Positions | undefined>;
  private readonly mayBeShown: SharedAnswers<Positions>;
  private waiting = 0;
  private readonly counted = { shown: 0, late: 0, refused: 0 };

  constructor(private readonly options: PositionedReadsOptions) {
    this.shown = new SharedAnswers(options.positions);
    this.mayBeShown = new SharedAnswers(options.mayShow);
  }

  /**
   * The query's answer from a generation that shows what the request asks for; undefined while none is served.
   * `readBy` runs what it is given on the generation that is served then, which may be another one than a moment before.
   * @throws ProblemException 400 for a header that is no position; 503 when it is not shown in time, or too many wait.
   */
  async read<Result>(
    headers: IncomingHttpHeaders,
    query: (generation: string) => Promise<Result>,
    readBy: <Read>(work: (generation: string) => Promise<Read>) => Promise<Answered<Read> | undefined>,
  ): Promise<Answered<Result> | undefined> {
    const wanted = this.wantedBy(headers);
    const maxWaitMs = this.waitMsOf(headers);
    const wait = { maxWaitMs, untilMs: this.options.nowMs() + maxWaitMs };
    for (;;) {
      const shownBy = await this.whenShown(wanted, wait);
      const answered = await readBy(async (generation) => {
        const isShown = generation === shownBy || (await this.isShown(generation, wanted));
        return isShown ? { result: await query(generation) } : undefined;
      });
      if (!answered) return undefined;
      const { generation, result } = answered;
      // A flip came between: the generation that went live shows what the other had shown when it began.
      if (result) return { generation, result: result.result };
    }
  }

  /** Reads that wait now. */
  get waiters(): number {
    return this.waiting;
  }

  /** Reads that had to wait, by what came of it. */
  get waits(): Readonly<Record<'shown' | 'late' | 'refused', number>> {
    return this.counted;
  }

  /** The bound of what a read that ended before this call may have shown, as in the header. */
  async boundOf(generation: string): Promise<string> {
    return formatPositions(await this.mayBeShown.fresh(generation));
  }

  /** The generation that shows it; undefined while none is served. */
  private async whenShown(wanted: Positions, wait: Wait): Promise<string | undefined> {
    const generation = this.options.generation();
    if (generation === undefined || (await this.isShown(generation, wanted))) return generation;
    if (this.waiting >= this.options.maxWaiting) {
      this.counted.refused += 1;
      throw notShown('Too many reads wait for this view already.');
    }
    this.waiting += 1;
    try {
      const shownBy = await this.poll(wanted, wait);
      if (shownBy !== undefined) this.counted.shown += 1;
      return shownBy;
    } finally {
      this.waiting -= 1;
    }
  }

  private async poll(wanted: Positions, { untilMs, maxWaitMs }: Wait): Promise<string | undefined> {
    const { pause, nowMs, generation: served } = this.options;
    for (;;) {
      if (nowMs() >= untilMs) {
        this.counted.late += 1;
        throw notShown(`The view has not got to ${formatPositions(wanted)} within ${maxWaitMs} ms.`);
      }
      await pause(pollMs);
      const generation = served();
      if (generation === undefined || (await this.isShown(generation, wanted))) return generation;
    }
  }

  private async isShown(generation: string, wanted: Positions): Promise<boolean> {
    if (wanted.size === 0) return true;
    const shown = await this.shown.any(generation);
    return shown !== undefined && hasReached(shown, wanted);
  }

  private wantedBy(headers: IncomingHttpHeaders): Positions {
    const text = headers[minPositionHeader.toLowerCase()] ?? '';
    const positions = typeof text === 'string' && text.length <= longestHeader ? parsed(text) : undefined;
    if (!positions)
      throw problem(
        400,
        'invalid-position',
        `The header ${minPositionHeader} must be as ${positionHeader} of an answer: topic/partition:offset, joined by commas.`,
      );
    const topics = new Set(this.options.topics());
    return new Map([...positions].filter(([id]) => topics.has(parsePartitionId(id).topic)));
  }

  /** `Prefer: wait=<seconds>` (RFC 7240) shortens the wait. */
  private waitMsOf(headers: IncomingHttpHeaders): number {
    const prefer = [headers['prefer'] ?? []].flat().join(',');
    const seconds = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/.exec(prefer)?.[1];
    return Math.min(this.options.maxWaitMs, seconds === undefined ? Infinity : Number(seconds) * 1_000);
  }
}

/** To tell a position takes a question to the store: only who names one, though it be empty, is told. */
export function asksForPosition(headers: IncomingHttpHeaders): boolean {
  return headers[minPositionHeader.toLowerCase()] !== undefined;
}

function parsed(text: string): Positions | undefined {
  try {
    return parsePositions(text.replaceAll(' ', ''));
  } catch {
    return undefined;
  }
}

function notShown(detail: string): ProblemException {
  return problem(503, 'position-not-shown', `${detail} Try again.`).with({ headers: { 'retry-after': '1' } });
}
