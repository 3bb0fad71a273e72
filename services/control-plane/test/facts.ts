import type {
  BuilderReport,
  DeadLetter,
  Generation,
  VerificationReport,
  ViewGenerations,
} from '@reprise/contracts';
import type { GenerationStatus } from '@reprise/view';
import { BuilderReports, type BuilderFacts } from '../src/builders/builder-reports.js';

/** What a builder says of one generation: by partition its next offset and its end. */
export interface Said {
  readonly rate?: number;
  readonly read?: number;
  readonly problem?: string;
  readonly dropped?: boolean;
  readonly phase?: string;
  readonly verification?: Partial<VerificationReport>;
  readonly partitions?: Readonly<Record<string, readonly [next: number, end: number]>>;
}

const unbegun: VerificationReport = {
  id: 1,
  isDone: false,
  phase: 'comparing',
  percent: 50,
  entitiesChecked: 0,
  differences: 0,
  repaired: 0,
  problem: null,
  samples: [],
};

export function builderSays(
  instance: string,
  generations: Readonly<Record<number, Said>>,
  { view = 'flight-search', definitionVersion = 1 }: { view?: string; definitionVersion?: number } = {},
): BuilderReport {
  return {
    instance: `${view}/${instance}`,
    view,
    definitionVersion,
    sourceTopics: ['flights'],
    fingerprint: '',
    generations: Object.entries(generations).map(
      ([
        number,
        { rate = 0, read = 0, problem, dropped = false, phase = 'feeding', verification, partitions = {} },
      ]) => ({
        number: Number(number),
        recordsRead: read,
        recordsPerSecond: rate,
        dropped,
        problem: problem ?? null,
        phase,
        verification: verification ? { ...unbegun, ...verification } : null,
        partitions: Object.entries(partitions).map(([partition, [nextOffset, endOffset]]) => ({
          partition,
          nextOffset,
          endOffset,
        })),
      }),
    ),
  };
}

/** The facts of view flight-search after these reports, all made at this time. */
export function reportsAt(nowMs: number, reports: readonly BuilderReport[]): BuilderFacts {
  const held = new BuilderReports({ clock: { nowMs: () => nowMs }, staleAfterMs: 10_000 });
  for (const report of reports) held.take(recordOf(report, nowMs));
  return held.of('flight-search');
}

export function recordOf(state: BuilderReport, timestampMs: number) {
  const envelope = {
    event: 'BuilderReported',
    version: 1,
    occurredAt: timestampMs,
    changed: [],
    deleted: false,
    state,
  };
  return { key: state.instance, envelope, timestampMs };
}

export function generation(
  number: number,
  status: GenerationStatus,
  given: Partial<Generation> = {},
): Generation {
  return {
    number,
    definitionVersion: 1,
    status,
    startedAt: 0,
    statusSince: 0,
    requestedBy: 'ann',
    autoFlip: false,
    targets: [{ partition: 'flights/0', offset: 100 }],
    reason: null,
    dropped: false,
    fingerprint: '',
    paused: false,
    maxRecordsPerSecond: null,
    verification: null,
    ...given,
  };
}

export function viewOf(
  generations: readonly Generation[],
  given: Partial<ViewGenerations> = {},
): ViewGenerations {
  const live = generations.find(({ status }) => status === 'live')?.number ?? null;
  return {
    view: 'flight-search',
    live,
    previous: null,
    sourceTopics: ['flights'],
    definitionVersion: 1,
    generations,
    flips: [],
    flipAnnounced: null,
    ...given,
  };
}

/** A dead letter of board's first generation, set aside at this moment. */
export const letter = (offset: number, about: Partial<DeadLetter> = {}): DeadLetter => ({
  letterId: `board_g1/t/0/${offset}`,
  view: 'board',
  generation: 1,
  partition: 't/0',
  offset,
  key: `k${offset}`,
  entityVersion: 1,
  status: 'open',
  code: 'projection-failed',
  cause: 'wrong',
  attempts: 1,
  parkedAt: offset,
  record: Buffer.alloc(7),
  decoded: null,
  appliedVersion: 0,
  handledRequest: null,
  closedAt: null,
  closedBy: null,
  closedReason: null,
  ...about,
});
