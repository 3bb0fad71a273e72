import type { LogFinding, UnsettledEntity } from './fold-records.js';
import type { ReplayProgress } from './log-replay.js';
import { shownMost, type ReplayReport } from './recover-store.js';
import type { StoreDifference, StoreVerification } from './verify-store.js';

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

export function percentOf({ offsetsDone, offsets }: ReplayProgress): number {
  return offsets === 0 ? 100 : Math.floor((100 * offsetsDone) / offsets);
}

export function renderProgress(progress: ReplayProgress): string {
  return `${percentOf(progress)}%: ${count.format(progress.recordsRead)} records read, now ${progress.partition}`;
}

/** What was recovered, what is gone for good, and what is wrong with the log. */
export function renderRecovery(report: ReplayReport): string {
  const entities = report.streams.map(
    ({ stream, entities: some, gone }) =>
      `${stream}: ${count.format(some)} entities recovered, ${count.format(gone)} of them deleted ones`,
  );
  const taken = report.topics
    .filter((topic) => topic.taken > 0)
    .map(
      (topic) =>
        `${topic.topic}: ${count.format(topic.records)} records read, ${count.format(topic.taken)} were compacted away before`,
    );
  const warning =
    taken.length === 0
      ? []
      : [
          'An entity whose deletion was compacted away begins at version 1 when it is made again: views that still remember it have to be rebuilt.',
        ];
  return [...entities, ...taken, ...warning, ...renderTroubles(report)].join('\n');
}

export function renderStoreVerification(verification: StoreVerification): string {
  const { entitiesChecked, differences } = verification;
  const summary = `${count.format(entitiesChecked)} entities checked, ${count.format(differences.total)} differ from the log`;
  return [
    summary,
    ...differences.first.map(renderDifference),
    ...more(differences.total),
    ...renderTroubles(verification),
  ].join('\n');
}

function renderTroubles({ findings, unsettled }: ReplayReport): string[] {
  return [
    ...findings.first.map(renderFinding),
    ...more(findings.total),
    ...unsettled.first.map(renderUnsettled),
    ...more(unsettled.total),
  ];
}

function renderFinding({ kind, partition, key, before, found }: LogFinding): string {
  if (kind === 'unreadable') {
    const which = found === 0 ? 'a record without a version' : `version ${found}`;
    return `unreadable: ${partition}, entity ${key}: ${which} after version ${before} cannot be decoded`;
  }
  const missing =
    found - before === 2 ? `version ${before + 1} is` : `versions ${before + 1} to ${found - 1} are`;
  return `gap: ${partition}, entity ${key}: ${missing} missing`;
}

function renderUnsettled({ stream, key, kind, version }: UnsettledEntity): string {
  return kind === 'backwards'
    ? `backwards: ${stream} ${key} ends with version ${version}, after a newer one: compaction will keep the older`
    : `unreadable: ${stream} ${key} ends with version ${version}, which cannot be decoded`;
}

function renderDifference({ stream, key, storeVersion, logVersion }: StoreDifference): string {
  if (storeVersion === logVersion)
    return `differs: ${stream} ${key}: the states of version ${storeVersion ?? 0}`;
  return `differs: ${stream} ${key}: ${sideOf('store', storeVersion)}, ${sideOf('log', logVersion)}`;
}

function sideOf(side: string, version: number | null): string {
  return version === null ? `the ${side} has none` : `the ${side} has version ${version}`;
}

function more(total: number): string[] {
  return total > shownMost ? [`… and ${count.format(total - shownMost)} more`] : [];
}
