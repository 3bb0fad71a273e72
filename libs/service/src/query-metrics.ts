import type { Metrics } from '@reprise/kernel';
import type { LiveStanding } from './live-view.js';
import type { PositionedReads } from './positioned-reads.js';
import type { ShadowReads } from './shadow-reads.js';

export interface MeasuredQueries {
  /** Name of the view. */
  readonly view: string;
  readonly standing: () => LiveStanding;
  readonly positioned: Pick<PositionedReads, 'waiters' | 'waits'>;
  readonly shadow: Pick<ShadowReads, 'all'>;
}

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];

/** What a query service says of its generation, its waits and its shadow reads; to be told how long a switch held queries back. */
export function measureQueries(
  metrics: Metrics,
  queries: MeasuredQueries,
): { readonly observeHold: (heldMs: number) => void } {
  measureServing(metrics, queries);
  measureWaits(metrics, queries);
  measureShadow(metrics, queries);
  const holds = metrics.histogram({
    name: 'reprise_query_switch_held_seconds',
    help: 'How long new queries were held back for a switch to another generation',
    labels: ['view'],
    buckets,
  });
  return {
    observeHold: (heldMs) => {
      holds.observe({ view: queries.view }, heldMs / 1_000);
    },
  };
}

function measureServing(metrics: Metrics, { view, standing }: MeasuredQueries): void {
  metrics.gauge(
    {
      name: 'reprise_query_served_generation',
      help: 'Number of the generation that queries are answered from, or are about to',
      labels: ['view'],
    },
    () => told(view, standing().serves?.number),
  );
  metrics.gauge(
    {
      name: 'reprise_query_serves_live',
      help: '1 while that is the live one, 0 while another is served, or none',
      labels: ['view'],
    },
    () => told(view, standing().serves?.isLive === true ? 1 : 0),
  );
}

function measureWaits(metrics: Metrics, { view, positioned }: MeasuredQueries): void {
  metrics.gauge(
    {
      name: 'reprise_query_position_waiters',
      help: 'Queries that wait until their generation shows the position that they ask for',
      labels: ['view'],
    },
    () => told(view, positioned.waiters),
  );
  metrics.total(
    {
      name: 'reprise_query_position_waits_total',
      help: 'Queries that named a position not shown yet: shown in time, late (503), or refused as too many waited (503)',
      labels: ['view', 'outcome'],
    },
    () => Object.entries(positioned.waits).map(([outcome, value]) => ({ labels: { view, outcome }, value })),
  );
}

function measureShadow(metrics: Metrics, { view, shadow }: MeasuredQueries): void {
  metrics.total(
    {
      name: 'reprise_query_shadow_reads_total',
      help: 'Queries that another generation was asked as well: compared (mismatched ones included), mismatched, errors, dropped',
      labels: ['view', 'generation', 'outcome'],
    },
    () =>
      [...shadow.all()].flatMap(([number, counts]) =>
        (['compared', 'mismatched', 'errors', 'dropped'] as const).map((outcome) => ({
          labels: { view, generation: String(number), outcome },
          value: counts[outcome],
        })),
      ),
  );
}

function told(view: string, value: number | undefined) {
  return value === undefined ? [] : [{ labels: { view }, value }];
}
