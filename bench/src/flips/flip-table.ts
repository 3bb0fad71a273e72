import type { FlipMeasurement, FlipTiming } from './measure-flips.js';

/** What was measured as a table, one line a store; times in milliseconds. */
export function flipTable(measured: readonly FlipMeasurement[]): string {
  const lines = [heading, ...measured.map(lineOf)];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

const heading = [
  'view (store), ms',
  'flips+rollbacks',
  'decided p50/p99',
  'first new p50/p99',
  'last old p50/p99',
  'pause flip p50/max',
  'pause rollback p50/max',
  'read p50/p99',
  'in rebuild p50/p99',
  'reads',
  'failed',
];

function lineOf({ view, store, timings, reads, failedReads, before, duringRebuild }: FlipMeasurement) {
  const both = (times: readonly number[], upper: number): string =>
    `${shown(quantile(times, 0.5))}/${shown(quantile(times, upper))}`;
  const of = (kind: FlipTiming['kind']) => timings.filter((timing) => timing.kind === kind);
  const pauses = (kind: FlipTiming['kind']) => of(kind).map(({ pauseMs }) => pauseMs);
  return [
    `${view} (${store})`,
    `${of('flip').length}+${of('rollback').length}`,
    both(
      timings.map(({ decidedMs }) => decidedMs),
      0.99,
    ),
    both(
      timings.map(({ firstMs }) => firstMs),
      0.99,
    ),
    both(
      timings.map(({ lastMs }) => lastMs),
      0.99,
    ),
    both(pauses('flip'), 1),
    both(pauses('rollback'), 1),
    both(before, 0.99),
    both(duringRebuild, 0.99),
    String(reads),
    String(failedReads),
  ];
}

/** The nearest rank: of a few samples the 0.99 quantile is the greatest. */
export function quantile(samples: readonly number[], share: number): number | undefined {
  const sorted = samples.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

function shown(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '–';
  return milliseconds < 10 ? milliseconds.toFixed(1) : milliseconds.toFixed(0);
}
