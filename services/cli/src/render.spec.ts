import { expect, test } from '@jest/globals';
import { told } from '../test/told.js';
import { renderGenerations, renderStatus, renderViews, table } from './render.js';

const live = { number: 1, name: 'flight_search_g1', lagRecords: 1_234, recordsPerSecond: 0 };
const summary = { name: 'flight-search', definitionVersion: 2, builders: 1, problems: [] };
const progress = { percent: 100, recordsApplied: 5, recordsPerSecond: 0, etaSeconds: 0, lagRecords: 1_234 };
const serving = told('live', { number: 1, name: 'flight_search_g1', definitionVersion: 2, progress });

test('columns are as wide as their widest cell', () => {
  expect(
    table(
      ['A', 'BB'],
      [
        ['xyz', '1'],
        ['', '22'],
      ],
    ),
  ).toBe('A    BB\nxyz  1\n     22');
});

test('a view without a live generation shows that it has none', () => {
  const text = renderViews({ views: [{ ...summary, live: null, generations: 0 }] });
  expect(text.split('\n')[1]).toMatch(/^flight-search +- +- +2 +0 +1$/);
});

test('no views is said in words', () => {
  expect(renderViews({ views: [] })).toBe('There are no views yet: no builder has announced one.');
});

test('a retired generation shows its reason and no progress', () => {
  const retired = { ...serving, status: 'retired', reason: 'retired by bob', progress: null };
  expect(renderGenerations([retired], 90_000).split('\n')[1]).toMatch(
    /retired +90 s +- +- +- +- +2 +ann +retired by bob$/,
  );
});

test('the status shows each view with its generations that are fed, and what is wrong', () => {
  const retired = { ...serving, number: 0, name: 'flight_search_g0', status: 'retired', progress: null };
  const text = renderStatus(
    [
      {
        ...summary,
        live,
        previous: null,
        generations: [retired, serving],
        builders: [],
        problems: ['no builder is running'],
      },
    ],
    0,
  );
  expect(text).toContain('flight-search: live: flight_search_g1, lag 1,234, 0 builders');
  expect(text).not.toContain('flight_search_g0');
  expect(text).toContain('  ! no builder is running');
});

test('one that stands still shows until when it can catch up, and that it is paused', () => {
  const still = told('standby', { expiresAt: 600_000, paused: true });
  expect(renderGenerations([still], 0)).toMatch(/standby, paused .* in 10 min /);
  expect(renderGenerations([still], 600_001)).toMatch(/ expired /);
});
