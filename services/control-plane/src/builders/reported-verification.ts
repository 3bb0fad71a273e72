import type { Generation } from '@reprise/contracts';
import type { VerificationResult } from '../generations/commands.js';
import type { BuilderFacts } from './builder-reports.js';
import { reportsOf } from './progress.js';

/** How far the builders are with the check that a generation waits for. */
export interface ReportedVerification {
  readonly id: number;
  readonly isDone: boolean;
  readonly phase: string;
  /** 0 to 100. */
  readonly percent: number;
  readonly result: VerificationResult;
}

/** As many as are worth keeping in the state of a view. */
const mostSamples = 20;

/**
 * Undefined while nothing is asked for, or nobody reports it. Where several builders have a share in it, all that report
 * it must be done.
 */
export function reportedVerification(
  generation: Generation,
  facts: BuilderFacts,
): ReportedVerification | undefined {
  const { verification } = generation;
  if (verification?.concludedAt !== null) return undefined;
  const reports = reportsOf(generation, facts)
    .flatMap((report) => report.verification ?? [])
    .filter(({ id }) => id === verification.id);
  if (reports.length === 0) return undefined;
  const slowest = reports.reduce((least, report) => (report.percent < least.percent ? report : least));
  return {
    id: verification.id,
    isDone: reports.every(({ isDone }) => isDone),
    phase: slowest.phase,
    percent: slowest.percent,
    result: {
      entitiesChecked: sum(reports.map(({ entitiesChecked }) => entitiesChecked)),
      differences: sum(reports.map(({ differences }) => differences)),
      repaired: sum(reports.map(({ repaired }) => repaired)),
      problem: reports.find(({ problem }) => problem !== null)?.problem ?? null,
      samples: reports.flatMap(({ samples }) => samples).slice(0, mostSamples),
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
