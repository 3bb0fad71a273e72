import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import { openWriteSide, type WriteSide } from '../test/write-side.js';

let side: WriteSide;

beforeAll(async () => {
  side = await openWriteSide();
});
afterAll(() => side.stop());

const keys = (count: number): string[] => Array.from({ length: count }, () => uniqueName('k'));

async function transactionsOf(written: readonly string[]): Promise<number> {
  const { rows } = await side.pool.query<{ transactions: number }>(
    'SELECT count(DISTINCT xmin::text)::int AS transactions FROM entity WHERE key = ANY($1::text[])',
    [written],
  );
  return rows[0]?.transactions ?? 0;
}

test('commands that are submitted at once share transactions, and each gets its own answer', async () => {
  const written = keys(100);
  const submissions = await Promise.all(
    written.map((key, place) => side.store.submit(side.requests.add(key, place + 1))),
  );
  expect(submissions.map(({ outcome }) => outcome)).toMatchObject(
    written.map((key) => ({ kind: 'accepted', key, version: 1 })),
  );
  expect(new Set(submissions.map(({ operationId }) => operationId)).size).toBe(100);
  for (const [place, key] of written.entries())
    expect(await side.store.read(side.entity, key)).toMatchObject({ state: { count: place + 1 } });
  expect(await transactionsOf(written)).toBeLessThan(20);
});

test('100 submitted at once to one new entity lose nothing and double nothing', async () => {
  const key = uniqueName('k');
  const submissions = await Promise.all(
    Array.from({ length: 100 }, () => side.store.submit(side.requests.add(key, 1))),
  );
  const versions = submissions.map(({ outcome }) => (outcome.kind === 'accepted' ? outcome.version : 0));
  expect(versions.sort((left, right) => left - right)).toEqual(
    Array.from({ length: 100 }, (_, place) => place + 1),
  );
  expect(await side.store.read(side.entity, key)).toMatchObject({ version: 100, state: { count: 100 } });
});

test('a command that cannot be stored fails alone', async () => {
  const written = keys(40);
  const settled = await Promise.allSettled(
    // No Avro int is 0.5.
    written.map((key, place) => side.store.submit(side.requests.add(key, place === 20 ? 0.5 : 1))),
  );
  expect(settled.flatMap(({ status }, place) => (status === 'rejected' ? [place] : []))).toEqual([20]);
  for (const [place, key] of written.entries())
    expect((await side.store.read(side.entity, key))?.version).toBe(place === 20 ? undefined : 1);
});
