import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import { describeViewStore, parseTestRow, type TestRow } from '@reprise/view-store/contract';
import { Redis } from 'ioredis';
import type { Claim, GenerationStore } from '@reprise/view-store';
import { RedisViewStore } from './index.js';

const layout = {
  parseRow: parseTestRow,
  indexes: ({ name, size }: TestRow) => [{ index: name, score: size }],
};
const open = (): RedisViewStore<TestRow> => new RedisViewStore({ url: testConnections().redisUrl, layout });

describeViewStore({
  name: 'Redis',
  make: () => {
    const store = open();
    return Promise.resolve({ store, stop: () => store.stop() });
  },
  capabilities: { groups: false },
});

describe('Redis: what its scripts promise', () => {
  let store: RedisViewStore<TestRow>;
  let redis: Redis;
  let name: string;
  let generation: GenerationStore<TestRow>;

  beforeAll(() => {
    store = open();
    redis = new Redis(testConnections().redisUrl);
  });

  beforeEach(async () => {
    name = uniqueName('gen');
    generation = store.generation(name);
    await generation.open(['p/0']);
  });

  afterAll(async () => {
    await store.stop();
    redis.disconnect();
  });

  const put = (key: string, row: TestRow, version = 1) => ({
    contributed: new Map([[key, { version, rows: [key], groups: [], references: [], state: null }]]),
    changes: [{ kind: 'put', entity: key, version, key, row } as const],
    links: [],
  });
  /** From where to where a batch moves the checkpoint. */
  const moving = (claim: Claim, from: bigint, to: bigint) => ({
    claim: { ...claim, nextOffset: from },
    nextOffset: to,
    references: claim.references,
  });
  const everything = { min: 0, max: undefined, limit: 10 };

  test('what was not read first is written over by version, and leaves the indexes that it is no more in', async () => {
    const claim = await generation.claim('p/0');
    const many = 9_000;
    const batch = (name: string, versionOf: (place: number) => number) => {
      const puts = Array.from({ length: many }, (_, place) =>
        put(`e${place}`, { name, size: place }, versionOf(place)),
      );
      const contributed = new Map(puts.flatMap((one) => [...one.contributed]));
      return { contributed, changes: puts.flatMap(({ changes }) => changes), links: [] };
    };
    const first = { ...moving(claim, 0n, 1n), ...batch('old', () => 2) };
    expect(await generation.applyUnread(first)).toBe('applied');
    const then = { ...moving(claim, 1n, 2n), ...batch('new', (place) => (place % 3 === 0 ? 1 : 3)) };
    expect(await generation.applyUnread(then)).toBe('applied');
    expect(await generation.applyUnread(then)).toBe('fenced');
    const kept = many / 3;
    expect(await redis.zcard(`{${name}}:ix:old`)).toBe(kept);
    expect(await redis.zcard(`{${name}}:ix:new`)).toBe(many - kept);
    expect(await redis.hlen(`{${name}}:entities`)).toBe(0);
    expect((await generation.contributed(['e0', 'e1'])).get('e1')?.version).toBe(3);
    await generation.drop();
  });

  test('offsets beyond 2^53 are told apart', async () => {
    const claim = await generation.claim('p/0');
    const far = 2n ** 53n;
    await generation.apply({
      ...moving(claim, 0n, far),
      ...put('a', { name: 'x', size: 1 }),
    });
    const next = put('a', { name: 'x', size: 2 }, 2);
    expect(await generation.apply({ ...moving(claim, far + 1n, far + 5n), ...next })).toBe('fenced');
    expect(await generation.apply({ ...moving(claim, far, far + 5n), ...next })).toBe('applied');
    expect((await generation.positions()).get('p/0')).toBe(far + 5n);
    await generation.drop();
  });

  test('a range of a generation that is gone is no empty page, but says so', async () => {
    expect(await store.range(name, { index: 'x', ...everything })).toEqual([]);
    await generation.drop();
    await expect(store.range(name, { index: 'x', ...everything })).rejects.toMatchObject({
      code: 'generation-missing',
      decision: 'retry',
    });
  });

  test('a server that forgot the scripts is sent them again', async () => {
    await redis.script('FLUSH');
    const claim = await generation.claim('p/0');
    await redis.script('FLUSH');
    expect(
      await generation.apply({
        ...moving(claim, 0n, 1n),
        ...put('a', { name: 'x', size: 1 }),
      }),
    ).toBe('applied');
    await generation.drop();
  });

  test('a row that moves to another index leaves the one before', async () => {
    const claim = await generation.claim('p/0');
    await generation.apply({
      ...moving(claim, 0n, 1n),
      ...put('a', { name: 'x', size: 1 }),
    });
    await generation.apply({
      ...moving(claim, 1n, 2n),
      ...put('a', { name: 'y', size: 2 }, 2),
    });
    expect(await store.range(name, { index: 'x', ...everything })).toEqual([]);
    expect(await store.range(name, { index: 'y', ...everything })).toEqual([
      { entity: 'a', key: 'a', row: { name: 'y', size: 2 } },
    ]);
    await generation.drop();
  });

  test('a batch of 5,000 entities is one script', async () => {
    const claim = await generation.claim('p/0');
    const keys = Array.from({ length: 5_000 }, (_, index) => `k${index}`);
    const parts = keys.map((key, index) => put(key, { name: 'x', size: index }));
    const batch = {
      contributed: new Map(parts.flatMap(({ contributed }) => [...contributed])),
      changes: parts.flatMap(({ changes }) => changes),
      links: [],
    };
    expect(await generation.apply({ ...moving(claim, 0n, 5_000n), ...batch })).toBe('applied');
    expect(await Array.fromAsync(generation.contents())).toHaveLength(5_000);
    await generation.drop();
    expect(await redis.keys(`{${name}}*`)).toEqual([]);
  });

  test('a range is paged without loss or repetition where all scores are equal, also past a row that is gone', async () => {
    const claim = await generation.claim('p/0');
    const keys = Array.from({ length: 30 }, (_, index) => `k${String(index).padStart(2, '0')}`);
    const parts = keys.map((key) => put(key, { name: 'x', size: 7 }));
    await generation.apply({
      ...moving(claim, 0n, 30n),
      contributed: new Map(parts.flatMap(({ contributed }) => [...contributed])),
      changes: parts.flatMap(({ changes }) => changes),
      links: [],
    });
    const first = await store.range(name, { index: 'x', min: 0, max: undefined, limit: 10 });
    await generation.apply({
      ...moving(claim, 30n, 31n),
      contributed: new Map([['k09', { version: 2, rows: [], groups: [], references: [], state: null }]]),
      changes: [{ kind: 'remove', entity: 'k09', version: 2, key: 'k09' }],
      links: [],
    });
    const rest = await store.range(name, {
      index: 'x',
      min: 7,
      max: 7,
      limit: 100,
      after: { entity: 'k09', key: 'k09' },
    });
    expect([...first, ...rest].map(({ key }) => key)).toEqual(keys);
    await generation.drop();
  });

  test('a page goes on after the row before it, also when that one has moved to another score meanwhile', async () => {
    const claim = await generation.claim('p/0');
    const keys = ['k0', 'k1', 'k2', 'k3'];
    const parts = keys.map((key) => put(key, { name: 'x', size: 7 }));
    const all = {
      contributed: new Map(parts.flatMap(({ contributed }) => [...contributed])),
      changes: parts.flatMap(({ changes }) => changes),
      links: [],
    };
    await generation.apply({ ...moving(claim, 0n, 4n), ...all });
    for (const [from, size] of [
      [4n, 2],
      [5n, 90],
    ] as const) {
      await generation.apply({
        ...moving(claim, from, from + 1n),
        ...put('k1', { name: 'x', size }, Number(from)),
      });
      const after = { entity: 'k1', key: 'k1' };
      const page = await store.range(name, { index: 'x', min: 7, max: 50, limit: 10, after });
      expect(page.map(({ key }) => key)).toEqual(['k2', 'k3']);
    }
    await generation.drop();
  });

  test('an entity of one row needs no entry in the ledger: its row tells the version', async () => {
    const claim = await generation.claim('p/0');
    await generation.apply({ ...moving(claim, 0n, 1n), ...put('a', { name: 'x', size: 1 }, 3) });
    expect(await redis.exists(`{${name}}:entities`)).toBe(0);
    expect((await generation.contributed(['a', 'b'])).get('a')).toMatchObject({ version: 3, rows: ['a'] });
    await generation.apply({ ...moving(claim, 1n, 2n), ...put('a', { name: 'late', size: 1 }, 2) });
    expect(await Array.fromAsync(generation.contents())).toMatchObject([{ row: { name: 'x' } }]);
    await generation.drop();
  });

  test('an entry that was written beside its row counts, and goes with the next version', async () => {
    const claim = await generation.claim('p/0');
    const stored = JSON.stringify({ row: { name: 'x', size: 1 }, version: 3, indexes: [['x', 1]] });
    await redis.hset(`{${name}}:rows`, JSON.stringify(['a', 'a']), stored);
    await redis.hset(`{${name}}:entities`, 'a', '3:{"rows":["a"]}');
    await generation.apply({ ...moving(claim, 0n, 1n), ...put('a', { name: 'late', size: 1 }, 2) });
    expect(await Array.fromAsync(generation.contents())).toMatchObject([{ row: { name: 'x' } }]);
    await generation.apply({ ...moving(claim, 1n, 2n), ...put('a', { name: 'y', size: 1 }, 4) });
    expect(await redis.hexists(`{${name}}:entities`, 'a')).toBe(0);
    expect((await generation.contributed(['a'])).get('a')).toMatchObject({ version: 4, rows: ['a'] });
    await generation.drop();
  });

  test('what the server refuses for good is no reason to wait', async () => {
    await redis.set(`{${name}}:checkpoints`, 'not a hash');
    await expect(generation.claim('p/0')).rejects.toMatchObject({
      code: 'view-store-refused',
      decision: 'stop',
    });
    await generation.drop();
  });

  test('a server that came back with an older file goes on from the older checkpoint, and ends the same', async () => {
    const claim = await generation.claim('p/0');
    await generation.apply({
      ...moving(claim, 0n, 1n),
      ...put('a', { name: 'x', size: 1 }),
    });
    const keys = await redis.keys(`{${name}}*`);
    const dumps = await Promise.all(keys.map(async (key) => [key, await redis.dumpBuffer(key)] as const));
    await generation.apply({
      ...moving(claim, 1n, 2n),
      ...put('a', { name: 'y', size: 2 }, 2),
    });
    await generation.drop();
    for (const [key, dump] of dumps) await redis.restore(key, 0, dump);
    const again = await generation.claim('p/0');
    expect(again.nextOffset).toBe(1n);
    await generation.apply({
      ...moving(again, 1n, 2n),
      ...put('a', { name: 'y', size: 2 }, 2),
    });
    expect(await Array.fromAsync(generation.contents())).toEqual([
      { kind: 'row', entity: 'a', key: 'a', row: { name: 'y', size: 2 } },
    ]);
    await generation.drop();
  });

  test('entries of indexes that are missing, superfluous or misplaced are told by a scan, and rectified', async () => {
    const claim = await generation.claim('p/0');
    for (const [place, key] of ['a', 'b', 'c', 'd'].entries())
      await generation.apply({
        ...moving(claim, BigInt(place), BigInt(place + 1)),
        ...put(key, { name: 'x', size: place }),
      });
    const id = (key: string): string => JSON.stringify([key, key]);
    const index = `{${name}}:ix:x`;
    await redis.zrem(index, id('a'));
    await redis.zadd(index, '9', id('b'), '3', id('gone'), '4', '[');
    await redis.zadd(`{${name}}:ix:y`, '1', id('c'));
    const wrong = async (): Promise<string[]> => {
      const right = new Set(['a', 'b', 'c', 'd'].map((_, size) => JSON.stringify({ name: 'x', size })));
      const items = await generation.scan(async ({ pages }) => (await Array.fromAsync(pages)).flat());
      return items.flatMap((item) => (item.kind === 'row' && !right.has(item.text) ? [item.key] : [])).sort();
    };
    expect(await wrong()).toEqual(['[', 'a', 'b', 'c', 'gone']);
    await generation.rectify?.();
    expect(await wrong()).toEqual([]);
    const members = ['a', 'b', 'c', 'd'].flatMap((key, score) => [id(key), String(score)]);
    expect(await redis.zrange(index, '0', '-1', 'WITHSCORES')).toEqual(members);
    expect(await redis.exists(`{${name}}:ix:y`)).toBe(0);
    await generation.drop();
  });
});
