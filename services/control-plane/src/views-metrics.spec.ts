import { describe, expect, test } from '@jest/globals';
import { ProcessMetrics } from '@reprise/service';
import { builderSays, generation, reportsAt, viewOf } from '../test/facts.js';
import type { KnownView } from './http/problems.js';
import { measureViews } from './views-metrics.js';

const known = (given: Partial<KnownView>): KnownView => ({
  view: viewOf([generation(1, 'live')]),
  facts: reportsAt(0, [builderSays('one', { 1: { partitions: { 'flights/0': [90, 120] } } })]),
  trouble: undefined,
  openLetters: new Map(),
  expiries: new Map(),
  waits: new Map(),
  nowMs: 5,
  shadow: new Map(),
  ...given,
});

const verification = {
  id: 1,
  repair: false,
  against: null,
  requestedBy: 'ann',
  requestedAt: 0,
  concludedAt: 9,
  entitiesChecked: 10,
  differences: 3,
  repaired: 1,
  problem: null,
  samples: [],
};

/** What is told of these views, by the name of a metric: its samples without that name. */
function measured(sinceMs = 0) {
  const metrics = new ProcessMetrics();
  let views: readonly KnownView[] = [];
  measureViews(metrics, { sinceMs, views: () => views });
  return async (name: string, now: readonly KnownView[]): Promise<string[]> => {
    views = now;
    const lines = (await metrics.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
    return lines.map((line) => line.slice(name.length));
  };
}

describe('what the control plane says in numbers', () => {
  test('the live generation, by number; nothing while none is', async () => {
    const told = measured();
    const name = 'reprise_view_live_generation';
    expect(await told(name, [known({})])).toEqual(['{view="flight-search"} 1']);
    expect(await told(name, [known({ view: viewOf([generation(1, 'building')]) })])).toEqual([]);
  });

  test('generations by status; the series of one that moved on is gone', async () => {
    const told = measured();
    const name = 'reprise_view_generations';
    const both = viewOf([generation(1, 'live'), generation(2, 'building'), generation(3, 'building')]);
    expect(await told(name, [known({ view: both })])).toEqual([
      '{view="flight-search",status="live"} 1',
      '{view="flight-search",status="building"} 2',
    ]);
    expect(await told(name, [known({})])).toEqual(['{view="flight-search",status="live"} 1']);
  });

  test('how far a build is, and how far behind', async () => {
    const view = viewOf([generation(1, 'building')]);
    const told = measured();
    expect(await told('reprise_generation_built_ratio', [known({ view })])).toEqual([
      '{view="flight-search",generation="1"} 0.9',
    ]);
    expect(await told('reprise_generation_lag_records', [known({ view })])).toEqual([
      '{view="flight-search",generation="1"} 30',
    ]);
  });

  test('differences that were not mended, of one that failed by them too, and of none that is retired', async () => {
    const view = viewOf([
      generation(1, 'live'),
      generation(2, 'failed', { verification }),
      generation(3, 'retired', { verification }),
      generation(4, 'ready', { verification: { ...verification, concludedAt: null } }),
    ]);
    expect(await measured()('reprise_generation_verification_differences', [known({ view })])).toEqual([
      '{view="flight-search",generation="2"} 2',
    ]);
  });

  test('until when a generation that stands still can be caught up, and nothing of one that moves', async () => {
    const told = measured();
    const name = 'reprise_generation_expiry_timestamp_seconds';
    expect(await told(name, [known({})])).toEqual([]);
    expect(await told(name, [known({ expiries: new Map([[1, 7_000]]) })])).toEqual([
      '{view="flight-search",generation="1"} 7',
    ]);
  });

  test('each flip is counted once, from when the process began, also when the view has forgotten it', async () => {
    const told = measured(10);
    const name = 'reprise_view_flips_total';
    const flip = (at: number, kind = 'flip') => ({
      kind,
      from: 1,
      to: 2,
      at,
      by: 'ann',
      forced: false,
      note: null,
    });
    const after = (...flips: ReturnType<typeof flip>[]) =>
      told(name, [known({ view: viewOf([generation(1, 'live')], { flips }) })]);
    const counts = (flips: number, rollbacks: number) => [
      `{view="flight-search",kind="flip"} ${flips}`,
      `{view="flight-search",kind="rollback"} ${rollbacks}`,
    ];
    expect(await after(flip(5))).toEqual(counts(0, 0));
    expect(await after(flip(5), flip(20))).toEqual(counts(1, 0));
    expect(await after(flip(5), flip(20))).toEqual(counts(1, 0));
    expect(await after(flip(20), flip(30, 'rollback'), flip(40))).toEqual(counts(2, 1));
    expect(await after()).toEqual(counts(2, 1));
  });
});
