import type { Flip, Generation } from '@reprise/contracts';
import type { Metrics, Reading } from '@reprise/kernel';
import { isFed, parseStatus } from '@reprise/view';
import { progressOf } from './builders/progress.js';
import { problemsOf, type KnownView } from './http/problems.js';

export interface MeasuredViews {
  readonly views: () => readonly KnownView[];
  /** Flips are counted from here on; epoch milliseconds. */
  readonly sinceMs: number;
}

type KnownViews = MeasuredViews['views'];
type GenerationLabels = 'view' | 'generation';

const ofGeneration = ['view', 'generation'] as const;

/** What the control plane says in numbers of all views, at each look; what a view no longer has is no longer told. */
export function measureViews(metrics: Metrics, { views, sinceMs }: MeasuredViews): void {
  measureEachView(metrics, views);
  measureFlips(metrics, views, sinceMs);
  measureGenerations(metrics, views);
  measureDoubts(metrics, views);
}

function measureEachView(metrics: Metrics, views: KnownViews): void {
  metrics.gauge(
    {
      name: 'reprise_view_live_generation',
      help: 'Number of the live generation; not told while none is live',
      labels: ['view'],
    },
    () =>
      views().flatMap(({ view: { view, live } }) =>
        live === null ? [] : [{ labels: { view }, value: live }],
      ),
  );
  metrics.gauge(
    { name: 'reprise_view_generations', help: 'Generations, by status', labels: ['view', 'status'] },
    () =>
      views().flatMap(({ view: { view, generations } }) =>
        [...Map.groupBy(generations, ({ status }) => status)].map(([status, those]) => ({
          labels: { view, status },
          value: those.length,
        })),
      ),
  );
  metrics.gauge(
    { name: 'reprise_view_builders', help: 'Builder processes that reported lately', labels: ['view'] },
    () => views().map(({ view: { view }, facts }) => ({ labels: { view }, value: facts.builders.length })),
  );
  metrics.gauge(
    { name: 'reprise_view_problems', help: 'What is wrong with it, as its status tells', labels: ['view'] },
    () => views().map((known) => ({ labels: { view: known.view.view }, value: problemsOf(known).length })),
  );
}

function measureFlips(metrics: Metrics, views: KnownViews, sinceMs: number): void {
  const flips = new FlipCount(sinceMs);
  metrics.total(
    {
      name: 'reprise_view_flips_total',
      help: 'Flips and rollbacks since this process began',
      labels: ['view', 'kind'],
    },
    () => views().flatMap(({ view }) => flips.of(view.view, view.flips)),
  );
}

function measureGenerations(metrics: Metrics, views: KnownViews): void {
  metrics.gauge(
    {
      name: 'reprise_generation_status_since_timestamp_seconds',
      help: 'When the generation took its status',
      labels: ['view', 'generation', 'status'],
    },
    () =>
      fed(views).map(({ labels, generation: { status, statusSince } }) => ({
        labels: { ...labels, status },
        value: statusSince / 1_000,
      })),
  );
  metrics.gauge(
    {
      name: 'reprise_generation_built_ratio',
      help: 'How far a build is on the way to the ends noted when it began: 0 to 1',
      labels: ofGeneration,
    },
    () => each(views, ({ known, generation }) => (progressOf(generation, known.facts)?.percent ?? 0) / 100),
  );
  metrics.gauge(
    {
      name: 'reprise_generation_lag_records',
      help: 'Offsets between what all builders together have shown and the end of the log',
      labels: ofGeneration,
    },
    () => each(views, ({ known, generation }) => progressOf(generation, known.facts)?.lagRecords),
  );
  metrics.gauge(
    {
      name: 'reprise_generation_paused',
      help: '1 while its builders read nothing, as an operator asked',
      labels: ofGeneration,
    },
    () => each(views, ({ generation: { paused } }) => (paused ? 1 : 0)),
  );
  metrics.gauge(
    {
      name: 'reprise_generation_expiry_timestamp_seconds',
      help: 'Until when a generation that stands still can be caught up; not told while it moves',
      labels: ofGeneration,
    },
    () =>
      each(views, ({ known, generation }) => {
        const atMs = known.expiries.get(generation.number);
        return atMs === undefined ? undefined : atMs / 1_000;
      }),
  );
}

function measureDoubts(metrics: Metrics, views: KnownViews): void {
  metrics.gauge(
    {
      name: 'reprise_generation_open_dead_letters',
      help: 'Records set aside and neither superseded, redriven nor discarded',
      labels: ofGeneration,
    },
    () => each(views, ({ known, generation }) => known.openLetters.get(generation.number) ?? 0),
  );
  metrics.gauge(
    {
      name: 'reprise_generation_verification_differences',
      help: 'Rows and groups that the newest check found different, and did not mend; not told before there was one',
      labels: ofGeneration,
    },
    () =>
      labelled(views, ({ status }) => status !== 'retired').flatMap(({ labels, generation }) => {
        const value = differencesOf(generation.verification);
        return value === undefined ? [] : [{ labels, value }];
      }),
  );
  metrics.gauge(
    {
      name: 'reprise_generation_shadow_mismatches',
      help: 'Live reads that it answers otherwise than the live generation',
      labels: ofGeneration,
    },
    () => each(views, ({ known, generation }) => known.shadow.get(generation.number)?.mismatched ?? 0),
  );
}

function differencesOf(verification: Generation['verification']): number | undefined {
  if (!verification || verification.concludedAt === null) return undefined;
  return verification.differences - verification.repaired;
}

interface Labelled {
  readonly known: KnownView;
  readonly generation: Generation;
  readonly labels: Readonly<Record<GenerationLabels, string>>;
}

function labelled(views: KnownViews, which: (generation: Generation) => boolean): Labelled[] {
  return views().flatMap((known) =>
    known.view.generations.filter(which).map((generation) => ({
      known,
      generation,
      labels: { view: known.view.view, generation: String(generation.number) },
    })),
  );
}

function fed(views: KnownViews): Labelled[] {
  return labelled(views, ({ status }) => isFed(parseStatus(status)));
}

function each(views: KnownViews, value: (one: Labelled) => number | undefined): Reading<GenerationLabels>[] {
  return fed(views).flatMap((one) => {
    const told = value(one);
    return told === undefined ? [] : [{ labels: one.labels, value: told }];
  });
}

const none: readonly [string, number][] = [
  ['flip', 0],
  ['rollback', 0],
];

/** A view remembers its newest flips only: those that come are counted, however often they are seen. */
class FlipCount {
  private readonly counts = new Map<string, { untilMs: number; byKind: Map<string, number> }>();

  constructor(private readonly sinceMs: number) {}

  of(view: string, flips: readonly Flip[]): Reading<'view' | 'kind'>[] {
    const known = this.counts.get(view) ?? { untilMs: this.sinceMs, byKind: new Map(none) };
    this.counts.set(view, known);
    for (const { kind, at } of flips)
      if (at > known.untilMs) known.byKind.set(kind, (known.byKind.get(kind) ?? 0) + 1);
    known.untilMs = Math.max(known.untilMs, ...flips.map(({ at }) => at));
    return [...known.byKind].map(([kind, value]) => ({ labels: { view, kind }, value }));
  }
}
