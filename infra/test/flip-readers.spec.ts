import { describe, expect, test } from '@jest/globals';
import type { Answer } from './client.js';
import { FlipReaders, type FlipReport } from './flip-readers.js';

interface Said {
  readonly stamps: readonly string[];
  readonly place: number;
}

function answer(generation: string | null, body: Said, status = 200): Answer {
  return { status, generation, body };
}

function isSaid(body: unknown): body is Said {
  return typeof body === 'object' && body !== null && 'stamps' in body && 'place' in body;
}

/** What one reader reports of these answers, the last of them again and again. */
async function reported(answers: readonly Answer[]): Promise<FlipReport> {
  const { promise: allAsked, resolve } = Promise.withResolvers<undefined>();
  let asked = 0;
  const readers = new FlipReaders({
    ask: () => {
      const next = answers[asked] ?? answers.at(-1);
      asked += 1;
      if (asked >= answers.length) resolve(undefined);
      return next ? Promise.resolve(next) : Promise.reject(new Error('no answer'));
    },
    show: (body) =>
      isSaid(body)
        ? { stamps: body.stamps, places: new Map([['flight', body.place]]) }
        : { stamps: [], places: new Map() },
    stamped: 2,
    readers: 1,
    readsPerSecond: 1_000,
  });
  await allAsked;
  return readers.stop();
}

describe('readers of a view that is flipped', () => {
  test('have nothing to report of answers from one generation each, that never get older', async () => {
    const report = await reported([
      answer('g1', { stamps: ['g1', 'g1'], place: 1 }),
      answer('g2', { stamps: ['g2', 'g2'], place: 1 }),
      answer('g1', { stamps: ['g1', 'g1'], place: 2 }),
    ]);
    expect(report).toMatchObject({ failures: [], mixed: [], backwards: [] });
  });

  test.each([
    ['rows of two generations', ['g1', 'g2']],
    ['rows of another generation than it names', ['g2', 'g2']],
    ['too few rows', ['g1']],
  ])('report an answer with %s as mixed', async (_, stamps) => {
    const report = await reported([answer('g1', { stamps, place: 1 })]);
    expect(report.mixed).not.toEqual([]);
  });

  test('report what was shown older than before, also by another generation', async () => {
    const report = await reported([
      answer('g1', { stamps: ['g1', 'g1'], place: 2 }),
      answer('g2', { stamps: ['g2', 'g2'], place: 1 }),
    ]);
    expect(report.backwards).not.toEqual([]);
  });

  test('report an answer that is none', async () => {
    expect((await reported([answer('g1', { stamps: [], place: 0 }, 503)])).failures).not.toEqual([]);
    expect((await reported([answer(null, { stamps: [], place: 0 })])).failures).not.toEqual([]);
    expect((await reported([])).failures).not.toEqual([]);
  });
});
