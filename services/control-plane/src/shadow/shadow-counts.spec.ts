import { describe, expect, test } from '@jest/globals';
import type { ShadowReport } from '@reprise/contracts';
import { ShadowCounts } from './shadow-counts.js';

const sample = { question: '/flights?origin=EWR', expected: '{"total":2}', actual: '{"total":1}', at: 7 };

function reported(id: string, given: Partial<ShadowReport> = {}) {
  const [view = '', generation = ''] = id.split('/');
  const counts = { compared: 10, mismatched: 0, errors: 0, dropped: 0, samples: [] };
  const state: ShadowReport = { id, view, generation: Number(generation), ...counts, ...given };
  const fact = { event: 'ShadowReadsCounted', version: 1, occurredAt: 0, changed: [], deleted: false };
  return { key: id, envelope: { ...fact, state } };
}

function countsOf(reports: readonly ReturnType<typeof reported>[], maxMismatches = 0): ShadowCounts {
  const counts = new ShadowCounts(maxMismatches);
  for (const report of reports) counts.take(report);
  return counts;
}

describe('shadow counts', () => {
  test('of a generation are the sum of what every process reported last', () => {
    const counts = countsOf([
      reported('board/2/a', { compared: 3 }),
      reported('board/2/a', { compared: 5, errors: 1 }),
      reported('board/2/b', { compared: 7, mismatched: 1, dropped: 2, samples: [sample] }),
      reported('board/1/a'),
      reported('search/2/a'),
    ]);
    expect(counts.of('board').get(2)).toEqual({
      compared: 12,
      mismatched: 1,
      errors: 1,
      dropped: 2,
      samples: [sample],
    });
    expect(counts.of('board').get(3)).toBeUndefined();
  });

  test('go with their tombstones', () => {
    const counts = countsOf([reported('board/2/a')]);
    counts.take({ key: 'board/2/a', envelope: null });
    expect(counts.of('board').size).toBe(0);
    expect(counts.all()).toEqual([]);
  });

  test('tell how often a generation answered otherwise, with an example', () => {
    const counts = countsOf([reported('board/2/a', { mismatched: 3, samples: [sample] })]);
    const example = 'to /flights?origin=EWR the live one said {"total":2}, this one {"total":1}';
    expect(counts.differing('board', 2)).toEqual({ compared: 10, mismatched: 3, allowed: 0, example });
  });

  test.each([
    ['nothing was reported of', []],
    ['nothing was compared of', [reported('board/2/a', { compared: 0, mismatched: 9 })]],
    ['has no more than are let pass', [reported('board/2/a', { mismatched: 2 })]],
    ['only failed or dropped reads', [reported('board/2/a', { errors: 9, dropped: 9 })]],
  ])('a generation that %s is not told', (_, reports) => {
    expect(countsOf(reports, 2).differing('board', 2)).toBeUndefined();
  });
});
