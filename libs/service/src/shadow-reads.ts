import type { ShadowReport, ShadowSample } from '@reprise/contracts';
import { furthest, hasReached, type Clock, type Positions } from '@reprise/kernel';

export type ShadowCounts = Pick<ShadowReport, 'compared' | 'mismatched' | 'errors' | 'dropped' | 'samples'>;

/** A read that was answered: what is needed to ask the same again. */
export interface AnsweredRead {
  /** What was asked, for the eye. */
  readonly question: string | undefined;
  /** The generation that answered, and its answer. */
  readonly generation: string;
  readonly result: unknown;
  readonly query: (generation: string) => Promise<unknown>;
}

export interface ShadowReadsOptions {
  /** Of the reads, how many are compared: 0 to 1. */
  readonly share: number;
  readonly random: () => number;
  readonly pause: (durationMs: number) => Promise<void>;
  readonly clock: Clock;
  /** Number of the generation that is asked as well; undefined when there is none. */
  readonly shadow: () => number | undefined;
  readonly nameOf: (generation: number) => string;
  /** The positions that readers see, at least. */
  readonly positions: (generation: string) => Promise<Positions>;
  /** Counts of this generation changed. */
  readonly onChange: (generation: number) => void;
  /** Default 8. */
  readonly maxInFlight?: number;
}

type Verdict = 'same' | 'different' | 'unknown';

/** Both generations' answers to one question, as comparable text. */
interface Pair {
  readonly expected: string;
  readonly actual: string;
}

/** Before each further try; about two seconds in all. */
const pausesMs = [50, 150, 300, 600, 900];
/** This many of the last tries must tell the same for a difference to count. */
const steadyTries = 3;
const maxSamples = 5;
const maxSampleLength = 500;
const none: ShadowCounts = { compared: 0, mismatched: 0, errors: 0, dropped: 0, samples: [] };

/**
 * Asks a generation that is not live what the live one was asked, and compares the answers. The two are fed independently,
 * so a difference may be a moment's lag. It counts when it lasts: both were asked again several times, the answers of both
 * stood still, and both generations had passed what either showed at first. Where that cannot be told (the rows asked for
 * change all the time, a generation hangs behind) the read counts as dropped, as it does beyond the limit of
 * reads in flight.
 */
export class ShadowReads {
  private readonly byGeneration = new Map<number, ShadowCounts>();
  private inFlight = 0;
  private stopped = false;

  constructor(private readonly options: ShadowReadsOptions) {}

  /** Never throws, and resolves when the comparison (if there is one) is over: nobody needs to wait for it. */
  async consider(read: AnsweredRead): Promise<void> {
    const { share, random, nameOf, maxInFlight = 8 } = this.options;
    const generation = this.options.shadow();
    if (this.stopped || generation === undefined || nameOf(generation) === read.generation) return;
    if (random() >= share) return;
    if (this.inFlight >= maxInFlight) {
      this.count(generation, { dropped: 1 });
      return;
    }
    this.inFlight += 1;
    try {
      await this.compare(read, generation);
    } catch {
      this.count(generation, { errors: 1 });
    } finally {
      this.inFlight -= 1;
    }
  }

  counts(generation: number): ShadowCounts {
    return this.byGeneration.get(generation) ?? none;
  }

  /** By the generation's number. */
  all(): ReadonlyMap<number, ShadowCounts> {
    return this.byGeneration;
  }

  stop(): void {
    this.stopped = true;
  }

  private async compare(read: AnsweredRead, number: number): Promise<void> {
    const shadow = this.options.nameOf(number);
    const first = { expected: canonical(read.result), actual: canonical(await read.query(shadow)) };
    if (first.expected === first.actual) {
      this.count(number, { compared: 1 });
      return;
    }
    const { verdict, pair } = await this.askAgain(read, shadow);
    if (verdict === 'unknown') this.count(number, { dropped: 1 });
    else if (verdict === 'same') this.count(number, { compared: 1 });
    else this.count(number, { compared: 1, mismatched: 1, sample: this.sampleOf(read, pair) });
  }

  private async askAgain(read: AnsweredRead, shadow: string): Promise<{ verdict: Verdict; pair: Pair }> {
    const { positions, pause } = this.options;
    const reached = furthest(await positions(read.generation), await positions(shadow));
    const pairs: Pair[] = [];
    for (const pauseMs of pausesMs) {
      await pause(pauseMs);
      if (this.stopped) break;
      const [expected, actual] = await Promise.all([read.query(read.generation), read.query(shadow)]);
      const pair = { expected: canonical(expected), actual: canonical(actual) };
      if (pair.expected === pair.actual) return { verdict: 'same', pair };
      pairs.push(pair);
    }
    const pair = pairs.at(-1) ?? { expected: '', actual: '' };
    const haveReached =
      hasReached(await positions(read.generation), reached) && hasReached(await positions(shadow), reached);
    return { verdict: haveReached && areSteady(pairs) ? 'different' : 'unknown', pair };
  }

  private sampleOf({ question }: AnsweredRead, { expected, actual }: Pair): ShadowSample {
    return {
      question: question?.slice(0, maxSampleLength) ?? null,
      ...aroundDifference(expected, actual),
      at: this.options.clock.nowMs(),
    };
  }

  private count(
    generation: number,
    more: Partial<Record<'compared' | 'mismatched' | 'errors' | 'dropped', number>> & {
      sample?: ShadowSample;
    },
  ): void {
    const { compared, mismatched, errors, dropped, samples } = this.counts(generation);
    this.byGeneration.set(generation, {
      compared: compared + (more.compared ?? 0),
      mismatched: mismatched + (more.mismatched ?? 0),
      errors: errors + (more.errors ?? 0),
      dropped: dropped + (more.dropped ?? 0),
      samples: more.sample && samples.length < maxSamples ? [...samples, more.sample] : samples,
    });
    this.options.onChange(generation);
  }
}

function areSteady(pairs: readonly Pair[]): boolean {
  const last = pairs.slice(-steadyTries);
  const [one] = last;
  return (
    one !== undefined &&
    last.length === steadyTries &&
    last.every(({ expected, actual }) => expected === one.expected && actual === one.actual)
  );
}

/** The part of long answers that begins a little before their first difference. */
function aroundDifference(expected: string, actual: string): Pair {
  let place = 0;
  while (place < expected.length && expected[place] === actual[place]) place += 1;
  const from = Math.max(0, place - 100);
  const cut = (text: string): string =>
    `${from > 0 ? '…' : ''}${text.slice(from, from + maxSampleLength - 1)}`;
  return { expected: cut(expected), actual: cut(actual) };
}

/** JSON with the members of objects in the order of their names, so that equal results are equal text. */
export function canonical(result: unknown): string {
  // Nothing found is a result as well, which JSON has no word for.
  if (result === undefined) return 'nothing';
  return JSON.stringify(result, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
        )
      : value,
  );
}
