import type { Report } from './report.js';

export interface Compared {
  /** Name of the generation. */
  readonly name: string;
  /** Sorted lines, by the log. */
  readonly expected: readonly string[];
  /** Sorted lines, by the store. */
  readonly actual: readonly string[];
}

/** How many lines of each kind are printed. */
const shown = 20;

/** Finds every line that only one of both has, or that one has more often; says the first of them. */
export function compare({ name, expected, actual }: Compared, report: Report): void {
  const missing = without(expected, actual);
  const extra = without(actual, expected);
  report.count('rows and groups compared', expected.length);
  report.count('generations compared');
  if (missing.length === 0 && extra.length === 0) return;
  const subjects = new Set(extra.map(subjectOf));
  const different = missing.filter((line) => subjects.has(subjectOf(line))).length;
  report.finding(
    `${name}: ${missing.length - different} missing, ${extra.length - different} extra, ${different} different, of ${expected.length}`,
  );
  for (const line of missing.slice(0, shown)) report.finding(`  the log says: ${line}`);
  for (const line of extra.slice(0, shown)) report.finding(`  the store has: ${line}`);
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

/** `row ["entity","key"]` or `group {…}`: what the line is about, without what it says of it. */
function subjectOf(line: string): string {
  const end = line.search(/[\]}] \{/);
  return end < 0 ? line : line.slice(0, end + 1);
}
