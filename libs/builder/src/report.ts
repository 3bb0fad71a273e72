import type { BuilderReport, GenerationReport } from '@reprise/contracts';
import type { Positions } from '@reprise/kernel';
import type { GenerationProgress } from './generation-runner.js';

/** Counts records over the last seconds. */
export class RateMeter {
  private samples: { atMs: number; records: number }[] = [];

  constructor(private readonly windowMs = 5_000) {}

  /** Records per second over the window that ends now. */
  rate(records: number, nowMs: number): number {
    this.samples = [
      ...this.samples.filter(({ atMs }) => nowMs - atMs <= this.windowMs),
      { atMs: nowMs, records },
    ];
    const oldest = this.samples[0];
    if (!oldest || oldest.atMs === nowMs) return 0;
    return ((records - oldest.records) * 1_000) / (nowMs - oldest.atMs);
  }
}

/** What a builder says of one generation. Offsets are 0 where nothing is known yet. */
export function reportGeneration(
  number: number,
  told: GenerationProgress & Pick<GenerationReport, 'verification'>,
  {
    ends,
    joined,
    recordsPerSecond,
  }: { ends: Positions; joined: readonly string[]; recordsPerSecond: number },
): GenerationReport {
  const { recordsRead, partitions, reached, problem, phase, verification } = told;
  return {
    number,
    recordsRead,
    recordsPerSecond,
    dropped: false,
    problem: problem ?? null,
    phase: verification && !verification.isDone && !isBeforeFlip(phase) ? 'verifying' : phase,
    verification,
    // Every process reads the joined streams whole; how far all partitions of the source are with them, the store says.
    partitions: [...partitions, ...joined].map((partition) => ({
      partition,
      nextOffset: Number(reached?.get(partition) ?? 0n),
      endOffset: Number(ends.get(partition) ?? 0n),
    })),
  };
}

/** Who flips waits for these. */
function isBeforeFlip(phase: GenerationProgress['phase']): boolean {
  return phase === 'still' || phase === 'approaching';
}

/** Of a generation that this process should feed and does not. */
export function reportRefused(number: number, problem: string): GenerationReport {
  return { ...reportDropped(number), dropped: false, problem };
}

export function reportDropped(number: number): GenerationReport {
  return {
    number,
    recordsRead: 0,
    recordsPerSecond: 0,
    dropped: true,
    problem: null,
    phase: '',
    verification: null,
    partitions: [],
  };
}

/** True when nobody would learn anything from the second report. */
export function saysTheSame(left: BuilderReport, right: BuilderReport): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
