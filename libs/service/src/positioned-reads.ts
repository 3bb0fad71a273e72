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

const pollMs = 10;
const longestHeader = 8_192;

/** Reads that must show what their client has seen or written: they wait for their generation, bounded in time and number. */
export class PositionedReads {
  private readonly shown: SharedAnswers<Positions | undefined>;
  private readonly mayBeShown: SharedAnswers<Positions>;
  private waiting = 0;

  constructor(private readonly options: PositionedReadsOptions) {
    this.shown = new SharedAnswers(options.positions);
    this.mayBeShown = new SharedAnswers(options.mayShow);
  }

  /**
   * Resolves when the served generation shows what the request asks for.
   * @throws ProblemException 400 for a header that is no position; 503 when it is not shown in time, or too many wait.
   */
  async whenShown(headers: IncomingHttpHeaders): Promise<void> {
    const wanted = this.wantedBy(headers);
    if (wanted.size === 0 || (await this.isShown(wanted))) return;
    if (this.waiting >= this.options.maxWaiting) throw notShown('Too many reads wait for this view already.');
    this.waiting += 1;
    try {
      await this.poll(wanted, this.waitMsOf(headers));
    } finally {
      this.waiting -= 1;
    }
  }

  /** The bound of what a read that ended before this call may have shown, as in the header. */
  async boundOf(generation: string): Promise<string> {
    return formatPositions(await this.mayBeShown.fresh(generation));
  }

  private async poll(wanted: Positions, maxWaitMs: number): Promise<void> {
    const { pause, nowMs } = this.options;
    const untilMs = nowMs() + maxWaitMs;
    do {
      if (nowMs() >= untilMs)
        throw notShown(`The view has not got to ${formatPositions(wanted)} within ${maxWaitMs} ms.`);
      await pause(pollMs);
    } while (!(await this.isShown(wanted)));
  }

  private async isShown(wanted: Positions): Promise<boolean> {
    const generation = this.options.generation();
    // There is nothing to read: the read itself says so.
    if (generation === undefined) return true;
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
