import type { Generation, View, Views } from './answers.js';

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** Columns of the same width, two spaces apart. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line).join('\n');
}

export function renderViews({ views }: Views): string {
  if (views.length === 0) return 'There are no views yet: no builder has announced one.';
  const rows = views.map(({ name, live, definitionVersion, generations, builders }) => [
    name,
    live ? live.name : '-',
    live ? count.format(live.lagRecords) : '-',
    String(definitionVersion),
    String(generations),
    String(builders),
  ]);
  return table(['VIEW', 'LIVE', 'LAG', 'DEFINITION', 'GENERATIONS', 'BUILDERS'], rows);
}

export function renderGenerations(generations: readonly Generation[], nowMs: number): string {
  const rows = generations.map((generation) => [
    generation.name,
    generation.paused ? `${generation.status}, paused` : generation.status,
    ageOf(nowMs - generation.statusSince),
    generation.progress ? `${count.format(generation.progress.percent)}%` : '-',
    generation.progress ? count.format(generation.progress.lagRecords) : '-',
    generation.progress ? count.format(generation.progress.recordsPerSecond) : '-',
    expiryOf(generation, nowMs),
    String(generation.definitionVersion),
    generation.requestedBy,
    generation.reason ?? '',
  ]);
  return table(
    [
      'GENERATION',
      'STATUS',
      'SINCE',
      'BUILT',
      'LAG',
      'RECORDS/S',
      'EXPIRES',
      'DEFINITION',
      'ASKED BY',
      'REASON',
    ],
    rows,
  );
}

/** Of one that stands still: until then it can catch up with what the log has forgotten. */
function expiryOf({ expiresAt }: Generation, nowMs: number): string {
  if (expiresAt === null) return '-';
  return expiresAt <= nowMs ? 'expired' : `in ${ageOf(expiresAt - nowMs)}`;
}

/** A paragraph a view: its generations that are fed, and what is wrong. */
export function renderStatus(views: readonly View[], nowMs: number): string {
  if (views.length === 0) return renderViews({ views: [] });
  return views.map((view) => renderView(view, nowMs)).join('\n\n');
}

function renderView({ name, live, previous, builders, generations, problems }: View, nowMs: number): string {
  const serving = live ? `live: ${live.name}, lag ${count.format(live.lagRecords)}` : 'no live generation';
  const back = previous === null ? '' : `, rollback to generation ${previous}`;
  const builderCount = `${builders.length} ${builders.length === 1 ? 'builder' : 'builders'}`;
  const present = generations.filter(({ progress }) => progress !== null);
  const indented = renderGenerations(present, nowMs).replaceAll(/^/gm, '  ');
  return [
    `${name}: ${serving}${back}, ${builderCount}`,
    indented,
    ...problems.map((problem) => `  ! ${problem}`),
  ].join('\n');
}

/** What it is at, and how far it is with that: its build, or the check that runs. */
export function stageOf({ status, phase, paused, progress, verification, waitsFor }: Generation): {
  readonly stage: string;
  readonly percent: number;
} {
  if (paused) return { stage: `${status}, paused`, percent: progress?.percent ?? 0 };
  if (verification?.concludedAt === null)
    return {
      stage: ['verifying', verification.phase ?? 'waiting'].join(', '),
      percent: verification.percent,
    };
  if (waitsFor !== null) return { stage: `${status}, comparing reads`, percent: 100 };
  const isNews = phase !== null && phase !== 'feeding';
  return { stage: isNews ? `${status}, ${phase}` : status, percent: progress?.percent ?? 0 };
}

/** One generation in one line. */
export function renderGeneration(generation: Generation): string {
  const { name, status, progress, reason, verification, maxRecordsPerSecond, waitsFor } = generation;
  if (!progress) return reason === null ? `${name} ${status}` : `${name} ${status}: ${reason}`;
  const { stage, percent } = stageOf(generation);
  const parts = [`${count.format(percent)}%`];
  if (progress.recordsPerSecond > 0) parts.push(`${count.format(progress.recordsPerSecond)} records/s`);
  if (maxRecordsPerSecond !== null) parts.push(`at most ${count.format(maxRecordsPerSecond)}`);
  if (status === 'building' && progress.etaSeconds !== null) parts.push(`${progress.etaSeconds} s left`);
  if (status !== 'building') parts.push(`lag ${count.format(progress.lagRecords)}`);
  if (verification?.concludedAt === null)
    parts.push(`${count.format(verification.entitiesChecked)} entities checked`);
  if (waitsFor !== null) parts.push(waitsFor);
  return `${name} ${stage}: ${parts.join(', ')}`;
}

export function ageOf(ageMs: number): string {
  const seconds = Math.max(0, Math.round(ageMs / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
