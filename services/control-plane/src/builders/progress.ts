import type { Generation, GenerationReport, PartitionOffset } from '@reprise/contracts';
import { furthest, hasReached, lagRecords, type Positions } from '@reprise/kernel';
import { isFed, parseStatus } from '@reprise/view';
import type { BuilderFacts } from './builder-reports.js';

/** How far a generation is. Records are counted as offsets, so a compacted log makes them an upper bound. */
export interface Progress {
  /** 0 to 100, of the way to the end offsets noted when the build began. */
  readonly percent: number;
  readonly recordsApplied: number;
  readonly recordsPerSecond: number;
  /** Until the build has read what there was (while building), or all there is; null when nothing moves. */
  readonly etaSeconds: number | null;
  readonly lagRecords: number;
  /** Next offset to apply, by `topic/partition`. */
  readonly positions: Readonly<Record<string, number>>;
}

export function targetsOf({ targets }: Generation): Positions {
  return positionsOf(targets);
}

export function positionsOf(offsets: readonly PartitionOffset[]): Positions {
  return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
}

export function offsetsOf(positions: Positions): PartitionOffset[] {
  return [...positions].map(([partition, offset]) => ({ partition, offset: Number(offset) }));
}

export function appliedBy({ number }: Generation, { applied }: BuilderFacts): Positions {
  return applied.get(number) ?? new Map<string, bigint>();
}

/** Records between what the generation has applied and the furthest end known, at least the end when its build began. */
export function lagOf(generation: Generation, facts: BuilderFacts): number {
  return Number(lagRecords(appliedBy(generation, facts), furthest(facts.ends, targetsOf(generation))));
}

/** What the builders that run the generation say of it now. */
export function reportsOf({ number }: Generation, { builders }: BuilderFacts): GenerationReport[] {
  return builders.flatMap(({ generations }) => generations.filter((report) => report.number === number));
}

/** True when every partition that it is built from is in the hands of a builder. */
export function isCovered(generation: Generation, facts: BuilderFacts): boolean {
  const owned = new Set(
    reportsOf(generation, facts).flatMap(({ partitions }) => partitions.map(({ partition }) => partition)),
  );
  return owned.size > 0 && generation.targets.every(({ partition }) => owned.has(partition));
}

export function hasReachedTargets(generation: Generation, facts: BuilderFacts): boolean {
  return hasReached(appliedBy(generation, facts), targetsOf(generation));
}

/** Null for a generation that is no longer fed: there is nothing to be behind of. */
export function progressOf(generation: Generation, facts: BuilderFacts): Progress | null {
  const status = parseStatus(generation.status);
  if (!isFed(status)) return null;
  const applied = appliedBy(generation, facts);
  const lag = lagOf(generation, facts);
  const left = status === 'building' ? leftToBuild(generation, facts) : lag;
  const recordsPerSecond = sum(reportsOf(generation, facts).map((report) => report.recordsPerSecond));
  return {
    percent: status === 'building' ? percentOf(generation, left) : 100,
    recordsApplied: sum([...applied.values()].map(Number)),
    recordsPerSecond: Math.round(recordsPerSecond),
    etaSeconds: etaSeconds(left, recordsPerSecond),
    lagRecords: lag,
    positions: Object.fromEntries([...applied].map(([partition, offset]) => [partition, Number(offset)])),
  };
}

/**
 * A bulk load shows nothing before it is over: until then what its builders have read counts, but for the last record, which
 * only what is applied can stand for.
 */
function leftToBuild(generation: Generation, facts: BuilderFacts): number {
  const left = Number(lagRecords(appliedBy(generation, facts), targetsOf(generation)));
  const loading = reportsOf(generation, facts).filter(
    ({ phase }) => phase === 'loading' || phase === 'sealing',
  );
  if (loading.length === 0 || left === 0) return left;
  const total = sum(generation.targets.map(({ offset }) => offset));
  const loaded = sum(reportsOf(generation, facts).map(({ recordsRead }) => recordsRead));
  return Math.min(left, Math.max(1, total - loaded));
}

/** Rounded down to a tenth, so that 100 means all of it. */
function percentOf({ targets }: Generation, left: number): number {
  const total = sum(targets.map(({ offset }) => offset));
  return total === 0 ? 100 : Math.floor(((total - left) / total) * 1_000) / 10;
}

function etaSeconds(left: number, recordsPerSecond: number): number | null {
  if (left === 0) return 0;
  return recordsPerSecond > 0 ? Math.ceil(left / recordsPerSecond) : null;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
