import type { Order } from './topic/orders.js';

/** One run of one measurement. */
export interface Run {
  readonly records: number;
  /** What the rate is reckoned by. */
  readonly seconds: number;
  /** Seconds of its steps, by their names; some may lie outside `seconds`. */
  readonly phases: Readonly<Record<string, number>>;
  /** Most memory that each of its processes held at once, in MiB. */
  readonly peakMiB?: readonly number[];
}

/** What was measured, on which topic, into which store (undefined: none). */
export interface Measurement {
  readonly what: string;
  readonly order: Order;
  readonly store: string | undefined;
  readonly runs: readonly Run[];
  /** Why there is nothing to tell. */
  readonly failure?: string;
}

export const yardstickOfAll = 'straight line';

/** @throws RangeError for nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new RangeError('the median of nothing');
  return (low + high) / 2;
}

export function rates({ runs }: Measurement): number[] {
  return runs.map(({ records, seconds }) => records / seconds);
}

/** Rate against the straight line's into the same store from the same topic; undefined when that was not measured. */
export function ratio(measured: Measurement, all: readonly Measurement[]): number | undefined {
  const straight = all.find(
    ({ what, order, store, runs }) =>
      what === yardstickOfAll && order === measured.order && store === measured.store && runs.length > 0,
  );
  if (!straight || measured.runs.length === 0) return undefined;
  return median(rates(measured)) / median(rates(straight));
}

/** A table a topic, a line a measurement. */
export function table(all: readonly Measurement[]): string {
  const header = ['', 'records/s', 'min – max', 'seconds', 'of straight line', 'steps (s)', 'peak MiB'];
  const lines = all.map((measured) => line(measured, all));
  // A reason stands alone in its line, and may be longer than any figure.
  const widths = header.map((_, column) =>
    Math.max(
      ...[header, ...lines].map((cells) =>
        column > 0 && cells.length < header.length ? 0 : (cells[column]?.length ?? 0),
      ),
    ),
  );
  return [header, ...lines]
    .map((cells) =>
      cells
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function line(measured: Measurement, all: readonly Measurement[]): string[] {
  const name = [measured.order, measured.store, measured.what].filter((part) => part !== undefined).join(' ');
  if (measured.runs.length === 0) return [name, `not measured: ${measured.failure ?? 'no run'}`];
  const rate = rates(measured);
  const share = ratio(measured, all);
  return [
    name,
    grouped(median(rate)),
    `${grouped(Math.min(...rate))} – ${grouped(Math.max(...rate))}`,
    median(measured.runs.map(({ seconds }) => seconds)).toFixed(1),
    share === undefined ? '' : `${share.toFixed(2)} ×`,
    steps(measured),
    Math.max(0, ...measured.runs.flatMap(({ peakMiB = [] }) => peakMiB))
      .toFixed(0)
      .replace(/^0$/, ''),
  ];
}

/** Medians, in the order of the last run. */
function steps({ runs }: Measurement): string {
  return Object.keys(runs.at(-1)?.phases ?? {})
    .map((name) => `${name} ${median(runs.map(({ phases }) => phases[name] ?? 0)).toFixed(1)}`)
    .join(', ');
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en');
}
