import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import fc from 'fast-check';
import { describeGroups, describeReferences } from './derived.contract.js';
import { feedAll, oneRow, partition, type Fresh } from './feeding.contract.js';
import { describeLoads } from './load.contract.js';
import { describeMany } from './many.contract.js';
import { histories, naiveContents, type History } from './history.contract.js';
import type { GenerationStore, ViewStore } from './port.js';
import { describeTogether } from './together.contract.js';
import { describeUnread } from './unread.contract.js';
import { advanced, feed, rowLine, settledContents, told, type TestRow } from './test-view.contract.js';

export { feedView } from './feed-view.contract.js';
export { describeViewLaws } from './laws.contract.js';
export { parseTestRow, testGroups, type TestRow } from './test-view.contract.js';

export interface ViewStoreSuite {
  /** Stands before the names of the cases. */
  readonly name: string;
  /** Called once. */
  readonly make: () => Promise<{ store: ViewStore<TestRow>; stop(): Promise<void> }>;
  /** groups: the store keeps sums and extremes; it must know {@link testGroups}. */
  readonly capabilities: { readonly groups: boolean };
  /** Random histories tried. Default 30. */
  readonly runs?: number;
}

/** What every view store must do; see the port for the words. */
export function describeViewStore({ name, make, capabilities, runs = 30 }: ViewStoreSuite): void {
  describe(`${name}: the contract of a view store`, () => {
    const fresh = openGenerations(make);
    describeClaims(fresh);
    describeContents(fresh);
    describeMany(fresh);
    describeScans(fresh);
    describeLife(fresh);
    describeReferences(fresh);
    describeLoads(fresh, { groups: capabilities.groups, runs });
    if (capabilities.groups) describeGroups(fresh);
    describeHistories(fresh, { groups: capabilities.groups, runs });
    describeTogether(fresh, { groups: capabilities.groups, runs });
    describeUnread(fresh, { runs });
  });
}

/** Generations that are dropped after each case. */
function openGenerations(make: ViewStoreSuite['make']): Fresh {
  let made: Awaited<ReturnType<typeof make>> | undefined;
  const opened: GenerationStore<TestRow>[] = [];
  beforeAll(async () => {
    made = await make();
  });
  afterEach(async () => {
    for (const generation of opened.splice(0)) await generation.drop();
  });
  afterAll(() => made?.stop());
  return async (options) => {
    if (!made) throw new Error('the store was not made');
    const generation = made.store.generation(uniqueName('gen'));
    await generation.open([partition, 'suite/1'], options);
    opened.push(generation);
    return generation;
  };
}

async function settledOffset(generation: GenerationStore<TestRow>, id = partition): Promise<bigint> {
  await generation.settle();
  return (await generation.positions()).get(id) ?? 0n;
}

function describeClaims(fresh: Fresh): void {
  test('opening twice leaves what is there', async () => {
    const generation = await fresh();
    await feedAll(generation, [told('a', 1, oneRow('k'))]);
    await generation.open([partition, 'suite/1']);
    expect(await settledContents(generation)).toEqual([rowLine('a', 'k', { name: 'k', size: 1 })]);
    expect(await settledOffset(generation)).toBe(1n);
  });

  test('the first claim of a partition starts at epoch 1 and offset 0, the next goes on from the checkpoint', async () => {
    const generation = await fresh();
    const nothing = { references: new Map<string, bigint>(), loading: '', loadedTo: 0n };
    expect(await generation.claim(partition)).toEqual({
      partition,
      epoch: 1,
      nextOffset: 0n,
      ...nothing,
    });
    await feedAll(generation, [told('a', 1, oneRow('k')), told('b', 1, oneRow('k'))]);
    expect(await generation.claim(partition)).toEqual({
      partition,
      epoch: 3,
      nextOffset: 2n,
      ...nothing,
    });
    const other = { partition: 'suite/1', epoch: 1, nextOffset: 0n, ...nothing };
    expect(await generation.claim('suite/1')).toEqual(other);
  });

  test('a later claim fences the earlier one, whose batch changes nothing', async () => {
    const generation = await fresh();
    const zombie = await feedAll(generation, [told('a', 1, oneRow('k'))]);
    const owner = await generation.claim(partition);
    const before = await settledContents(generation);
    expect(
      await feed(generation, zombie, [told('a', 2, oneRow('k', 'zombie')), told('b', 1, oneRow('z'))]),
    ).toBe('fenced');
    expect(await settledContents(generation)).toEqual(before);
    expect((await generation.contributed(['a', 'b'])).get('a')?.version).toBe(1);
    expect((await generation.contributed(['b'])).size).toBe(0);
    expect(await settledOffset(generation)).toBe(1n);
    expect(await feed(generation, owner, [told('a', 2, oneRow('k', 'owner'))])).toBe('applied');
  });

  test('a batch that expects another checkpoint is fenced and changes nothing', async () => {
    const generation = await fresh();
    const { nextOffset, ...claim } = await feedAll(generation, [told('a', 1, oneRow('k'))]);
    const before = await settledContents(generation);
    for (const elsewhere of [nextOffset - 1n, nextOffset + 1n]) {
      expect(
        await feed(generation, { ...claim, nextOffset: elsewhere }, [told('a', 2, oneRow('other'))]),
      ).toBe('fenced');
    }
    expect(await settledContents(generation)).toEqual(before);
    expect((await generation.contributed(['a'])).get('a')?.version).toBe(1);
    expect(await settledOffset(generation)).toBe(1n);
  });

  test('partitions are claimed and checkpointed apart', async () => {
    const generation = await fresh();
    const [left, right] = [await generation.claim('suite/0'), await generation.claim('suite/1')];
    expect(await feed(generation, left, [told('a', 1, oneRow('k'))])).toBe('applied');
    expect(await feed(generation, right, [told('b', 1, oneRow('k')), told('c', 1, oneRow('k'))])).toBe(
      'applied',
    );
    expect(await settledOffset(generation, 'suite/0')).toBe(1n);
    expect(await settledOffset(generation, 'suite/1')).toBe(2n);
    expect(await settledContents(generation)).toHaveLength(3);
  });
}

function describeContents(fresh: Fresh): void {
  test('a batch brings its rows, its ledger and its checkpoint', async () => {
    const generation = await fresh();
    await feedAll(generation, [
      told('a', 3, { rows: [...oneRow('k', 'first', 7).rows, ...oneRow('l', 'second', 8).rows] }),
    ]);
    expect(await settledContents(generation)).toEqual([
      rowLine('a', 'k', { name: 'first', size: 7 }),
      rowLine('a', 'l', { name: 'second', size: 8 }),
    ]);
    const ledger = await generation.contributed(['a', 'never']);
    expect([...ledger.keys()]).toEqual(['a']);
    expect(ledger.get('a')?.version).toBe(3);
    expect([...(ledger.get('a')?.rows ?? [])].sort()).toEqual(['k', 'l']);
    expect(await settledOffset(generation)).toBe(1n);
  });

  test('a batch without records moves the checkpoint only', async () => {
    const generation = await fresh();
    const claim = await feedAll(generation, [told('a', 1, oneRow('k'))]);
    const empty = { contributed: new Map(), changes: [], links: [] };
    const batch = { claim, nextOffset: 9n, references: claim.references, ...empty };
    expect(await generation.apply(batch)).toBe('applied');
    expect(await settledOffset(generation)).toBe(9n);
    expect(await settledContents(generation)).toHaveLength(1);
  });

  test('settle returns the positions that readers see from then on', async () => {
    const generation = await fresh();
    await feedAll(generation, [told('a', 1, oneRow('k')), told('a', 2, oneRow('k'))]);
    const settled = await generation.settle();
    expect(settled.get(partition)).toBe(2n);
    expect((await generation.positions()).get(partition)).toBe(2n);
  });

  test('an entity that moves to another key leaves its old row', async () => {
    const generation = await fresh();
    await feedAll(generation, [told('a', 1, oneRow('old'))], [told('a', 2, oneRow('new'))]);
    expect(await settledContents(generation)).toEqual([rowLine('a', 'new', { name: 'new', size: 1 })]);
  });

  test('an entity may have many rows, and any of them may go', async () => {
    const generation = await fresh();
    const rows = ['k', 'l', 'm'].flatMap((key) => oneRow(key).rows);
    await feedAll(generation, [told('a', 1, { rows })], [told('a', 2, { rows: rows.slice(1, 2) })]);
    expect(await settledContents(generation)).toEqual([rowLine('a', 'l', { name: 'l', size: 1 })]);
  });

  test('two entities with rows of the same key do not touch each other', async () => {
    const generation = await fresh();
    await feedAll(
      generation,
      [told('a', 1, oneRow('k', 'of a')), told('b', 1, oneRow('k', 'of b'))],
      [told('a', 2, null)],
    );
    expect(await settledContents(generation)).toEqual([rowLine('b', 'k', { name: 'of b', size: 1 })]);
  });

  test('a tombstone removes every row of its entity and keeps its version', async () => {
    const generation = await fresh();
    await feedAll(
      generation,
      [told('a', 1, { rows: ['k', 'l'].flatMap((key) => oneRow(key).rows) })],
      [told('a', 2, null)],
    );
    expect(await settledContents(generation)).toEqual([]);
    const gone = { version: 2, rows: [], groups: [], references: [], state: null };
    expect((await generation.contributed(['a'])).get('a')).toEqual(gone);
  });

  test('an older version neither overwrites a row nor brings back a removed one', async () => {
    const generation = await fresh();
    await feedAll(
      generation,
      [told('a', 5, oneRow('k', 'new')), told('b', 5, null)],
      [told('a', 4, oneRow('k', 'old')), told('b', 4, oneRow('k', 'old'))],
    );
    expect(await settledContents(generation)).toEqual([rowLine('a', 'k', { name: 'new', size: 1 })]);
    expect((await generation.contributed(['b'])).get('b')?.version).toBe(5);
    expect(await settledOffset(generation)).toBe(4n);
  });
}

function describeScans(fresh: Fresh): void {
  test('a scan has every row, each with the text that the store gives of it', async () => {
    const generation = await fresh();
    const rows = { a: { name: 'k "1"\n\\', size: 1 }, b: { name: 'ü', size: -7 } };
    await feedAll(generation, [
      told('a', 1, oneRow('k', rows.a.name, 1)),
      told('b', 1, oneRow('l', rows.b.name, -7)),
    ]);
    await generation.settle();
    const found = await generation.scan(async ({ pages }) => (await Array.fromAsync(pages)).flat());
    expect(
      new Map(found.map((item) => (item.kind === 'row' ? [item.entity, item.text] : ['group', '']))),
    ).toEqual(
      new Map([
        ['a', generation.rowText(rows.a)],
        ['b', generation.rowText(rows.b)],
      ]),
    );
    expect(JSON.parse(generation.rowText(rows.a))).toEqual(rows.a);
  });
}

function describeLife(fresh: Fresh): void {
  test('sealing twice loses nothing, and writing goes on after it', async () => {
    const generation = await fresh();
    const claim = await feedAll(generation, [told('a', 1, oneRow('k'))]);
    await generation.seal();
    await generation.seal();
    expect(await feed(generation, claim, [told('b', 1, oneRow('k'))])).toBe('applied');
    expect(await settledContents(generation)).toHaveLength(2);
  });

  test('a generation that was dropped and opened again is empty', async () => {
    const generation = await fresh();
    await feedAll(generation, [told('a', 1, { ...oneRow('k'), groups: [] })]);
    await generation.settle();
    await generation.drop();
    await generation.drop();
    await generation.open([partition, 'suite/1']);
    expect(await settledContents(generation)).toEqual([]);
    expect((await generation.contributed(['a'])).size).toBe(0);
    expect(await generation.claim(partition)).toMatchObject({ epoch: 1, nextOffset: 0n });
  });

  test('a generation that was dropped says so, and does not come back by being claimed', async () => {
    const generation = await fresh();
    await feedAll(generation, [told('a', 1, oneRow('k'))]);
    await generation.drop();
    const missing = { code: 'generation-missing', decision: 'retry' };
    await expect(generation.claim(partition)).rejects.toMatchObject(missing);
    await expect(generation.positions()).rejects.toMatchObject(missing);
    await expect(generation.claim(partition)).rejects.toMatchObject(missing);
  });

  test('generations of one store do not see each other', async () => {
    const [left, right] = [await fresh(), await fresh()];
    await feedAll(left, [told('a', 1, oneRow('k'))]);
    expect(await settledContents(right)).toEqual([]);
    await right.drop();
    expect(await settledContents(left)).toHaveLength(1);
  });
}

function describeHistories(fresh: Fresh, { groups, runs }: { groups: boolean; runs: number }): void {
  const timeoutMs = 30_000 + runs * 6_000;
  test(
    'any history, split in any way and partly delivered again by new owners, ends as the newest state of each entity',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories({ groups }), async (history) => replay(await fresh(), history)),
        { numRuns: runs },
      );
    },
    timeoutMs,
  );
}

async function replay(generation: GenerationStore<TestRow>, { records, deliveries }: History): Promise<void> {
  let claim = await generation.claim(partition);
  for (const { from, to, takeover } of deliveries) {
    if (takeover) claim = await generation.claim(partition);
    const batch = records.slice(from, to);
    expect(await feed(generation, claim, batch)).toBe('applied');
    claim = advanced(claim, batch);
  }
  expect(await settledContents(generation)).toEqual(naiveContents(records));
  expect(await settledOffset(generation)).toBe(claim.nextOffset);
}
