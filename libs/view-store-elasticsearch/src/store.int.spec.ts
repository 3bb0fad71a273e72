import { describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import { newestPerEntity, planChanges } from '@reprise/view';
import { openedGenerations } from '../test/opened.js';
import { feed, own, rowsOf, taggedLayout, taggedView, type TaggedRow, type Told } from '../test/tagged.js';
import { rowField, rowFilter } from './layout.js';
import { ElasticsearchViewStore } from './store.js';

const node = testConnections().elasticsearchUrl;
const { store, opened, dropping } = openedGenerations();

const told = (key: string, version: number, keys: readonly string[] | null = [key]): Told => ({
  key,
  version,
  state: keys && { keys, tag: `v${version}` },
});

async function queried(name: string): Promise<number> {
  const { hits } = await store.client.search({
    index: name,
    query: { bool: { filter: [rowFilter] } },
    track_total_hits: true,
  });
  return typeof hits.total === 'number' ? hits.total : (hits.total?.value ?? 0);
}

describe('one row by its key', () => {
  test('is what a search finds: as of the last settle, and only where there is a row', async () => {
    const { name, generation } = await opened();
    await own(generation, 't/0', [told('a', 1), told('b', 1, ['b', 'other']), told('gone', 1)]);
    expect(await store.row(name, 'a')).toBeUndefined();
    await generation.settle();
    expect(await store.row(name, 'a')).toMatchObject({ tag: 'v1' });
    expect(await store.row(name, 'other', 'b')).toMatchObject({ tag: 'v1' });
    await own(generation, 't/0', [told('a', 2), told('b', 2, ['b']), told('gone', 2, null)]);
    expect(await store.row(name, 'a')).toMatchObject({ tag: 'v1' });
    expect(await store.row(name, 'gone')).toMatchObject({ tag: 'v1' });
    await generation.settle();
    expect(await store.row(name, 'a')).toMatchObject({ tag: 'v2' });
    expect(await Promise.all([store.row(name, 'gone'), store.row(name, 'other', 'b')])).toEqual([
      undefined,
      undefined,
    ]);
    expect(await store.row(name, 'never')).toBeUndefined();
  });

  test.each(['', '..', '_doc', 'a/b?c=d#e%2F', 'with\u0000nought', 'long'.repeat(200)])(
    'is found whatever the key is',
    async (key) => {
      const { name, generation } = await opened();
      await own(generation, 't/0', [told(key, 1)]);
      await generation.settle();
      expect(await store.row(name, key)).toMatchObject({ tag: 'v1' });
    },
  );

  test('of a generation that is not there is a failure that says so', async () => {
    await expect(store.row(uniqueName('store'), 'a')).rejects.toMatchObject({ code: 'generation-missing' });
  });
});

describe('visibility', () => {
  test('positions are what queries see: applied batches count only once they were settled', async () => {
    const { name, generation } = await opened();
    await own(generation, 't/0', [told('a', 1), told('b', 1)]);
    expect(await queried(name)).toBe(0);
    expect(await generation.positions()).toEqual(new Map());
    expect(await generation.settle()).toEqual(new Map([['t/0', 2n]]));
    expect(await queried(name)).toBe(2);
    expect(await generation.positions()).toEqual(new Map([['t/0', 2n]]));
  });

  test('a new process settles what the one before it applied and left', async () => {
    const { name, generation } = await opened();
    await own(generation, 't/0', [told('a', 1)]);
    const successor = new ElasticsearchViewStore<TaggedRow>({ node, layout: taggedLayout });
    expect(await successor.generation(name).settle()).toEqual(new Map([['t/0', 1n]]));
    await successor.stop();
    expect(await queried(name)).toBe(1);
  });

  test('a process that only reads settles what others go on to apply, each time it is asked', async () => {
    const { name, generation } = await opened();
    const reader = new ElasticsearchViewStore<TaggedRow>({ node, layout: taggedLayout });
    for (let version = 1; version <= 3; version += 1) {
      await own(generation, 't/0', [told('a', version)]);
      expect(await reader.generation(name).settle()).toEqual(new Map([['t/0', BigInt(version)]]));
    }
    await reader.stop();
  });

  test('two processes that settle at once never take a position back', async () => {
    const { name, generation } = await opened();
    const other = new ElasticsearchViewStore<TaggedRow>({ node, layout: taggedLayout });
    for (let round = 1; round <= 10; round += 1) {
      await Promise.all([
        own(generation, 't/0', [told('a', round)]).then(() => generation.settle()),
        own(other.generation(name), 't/1', [told('b', round)]).then(() => other.generation(name).settle()),
      ]);
      const seen = await generation.positions();
      expect([...seen].sort()).toEqual([
        ['t/0', BigInt(round)],
        ['t/1', BigInt(round)],
      ]);
    }
    await other.stop();
  });
});

describe('documents that are nobody’s rows', () => {
  test('never come up in a query: ledgers, and what stands for removed rows', async () => {
    const { name, generation } = await opened();
    await own(generation, 't/0', [told('e', 1, ['e', 'x']), told('f', 1, ['y'])]);
    await own(generation, 't/0', [told('e', 2, ['z']), told('f', 2, null)]);
    await generation.settle();
    expect(await queried(name)).toBe(1);
    expect(await rowsOf(generation, 'e')).toEqual(['z=v2']);
    const { count } = await store.client.count({ index: name, query: { term: { kind: 'removed' } } });
    expect(count).toBe(2);
    const found = await store.client.search({ index: name, query: { term: { [rowField('tag')]: 'v2' } } });
    expect(found.hits.hits).toHaveLength(1);
  });
});

describe('an older version', () => {
  test('changes nothing, also when it was planned without reading what is there', async () => {
    const { generation } = await opened();
    await own(generation, 't/0', [told('e', 5, ['e', 'x'])]);
    const older = planChanges(taggedView, newestPerEntity([told('e', 4, ['e', 'x', 'y'])]), new Map());
    const claim = await generation.claim('t/0');
    const { references } = claim;
    expect(await generation.apply({ claim, nextOffset: 2n, references, ...older })).toBe('applied');
    expect(await rowsOf(generation, 'e')).toEqual(['e=v5', 'x=v5']);
    expect((await generation.contributed(['e'])).get('e')).toMatchObject({ version: 5, rows: ['e', 'x'] });
  });

  test('cannot bring back an entity that is gone', async () => {
    const { generation } = await opened();
    await own(generation, 't/0', [told('e', 1, ['e', 'x'])]);
    await own(generation, 't/0', [told('e', 2, null)]);
    await own(generation, 't/0', [told('e', 1, ['e', 'x'])]);
    expect(await rowsOf(generation, 'e')).toEqual([]);
    expect((await generation.contributed(['e'])).get('e')).toMatchObject({ version: 2, rows: [] });
  });
});

describe('a document that does not fit', () => {
  test('is named, calls for setting it aside, and leaves the checkpoint where it was', async () => {
    const { generation } = await opened();
    const claim = await generation.claim('t/0');
    const tag = 'x'.repeat(40_000);
    const records = [told('fine', 1), { key: 'poison', version: 1, state: { keys: ['poison'], tag } }];
    await expect(feed(generation, claim, { records })).rejects.toMatchObject({
      code: 'document-refused',
      decision: 'set-aside',
      message: expect.stringContaining('poison'),
    });
    expect(await feed(generation, claim, { records: [told('fine', 1)] })).toBe('applied');
    expect(await rowsOf(generation, 'fine')).toEqual(['fine=v1']);
  });
});

describe('an entity of several rows, one of which does not fit', () => {
  const poison = { keys: ['e', 'x', 'y'], tag: 'x'.repeat(40_000) };

  test('is still the version that it was, so that a letter about it is not closed; what it left is mended later', async () => {
    const { generation } = await opened();
    await own(generation, 't/0', [told('e', 1, ['e', 'x'])]);
    const claim = await generation.claim('t/0');
    await expect(
      feed(generation, claim, { records: [{ key: 'e', version: 2, state: poison }] }),
    ).rejects.toMatchObject({ code: 'document-refused' });
    expect((await generation.contributed(['e'])).get('e')).toMatchObject({ version: 1 });
    expect(await rowsOf(generation, 'e')).toEqual(['e=v1', 'x=v1']);
    await own(generation, 't/0', [told('e', 3, ['y'])]);
    expect(await rowsOf(generation, 'e')).toEqual(['y=v3']);
  });

  test('is not there at all when it was never seen before', async () => {
    const { generation } = await opened();
    const claim = await generation.claim('t/0');
    await expect(
      feed(generation, claim, { records: [{ key: 'e', version: 4, state: poison }] }),
    ).rejects.toMatchObject({ code: 'document-refused' });
    expect((await generation.contributed(['e'])).get('e')?.version ?? 0).toBe(0);
    await own(generation, 't/0', [told('e', 5, ['e', 'x'])]);
    expect(await rowsOf(generation, 'e')).toEqual(['e=v5', 'x=v5']);
  });
});

describe('a batch of many', () => {
  test('goes in several requests of limited size, and comes back whole', async () => {
    const bulk = { maxDocuments: 7, maxBytes: 700, inFlight: 3 };
    const small = new ElasticsearchViewStore<TaggedRow>({ node, layout: taggedLayout, bulk });
    const { name } = await opened();
    const records = Array.from({ length: 500 }, (_, each) => told(`e${each}`, 1, [`e${each}`, 'second']));
    await own(small.generation(name), 't/0', records);
    await own(small.generation(name), 't/1', [told('late', 1)]);
    const rows: string[] = [];
    for await (const item of small.generation(name).contents())
      if (item.kind === 'row') rows.push(`${item.entity}/${item.key}`);
    expect(new Set(rows).size).toBe(1_001);
    expect(rows).toHaveLength(1_001);
    await small.stop();
  });
});

test('a sealed generation has the replicas that its layout asks for, and still shows only what was settled', async () => {
  const replicated = new ElasticsearchViewStore<TaggedRow>({
    node,
    layout: { ...taggedLayout, replicas: 1 },
  });
  const name = uniqueName('store_sealed');
  const generation = replicated.generation(name);
  await generation.open(['t/0']);
  dropping.push(() => store.generation(name).drop());
  await generation.seal();
  await generation.seal();
  const settings = await store.client.indices.getSettings({ index: `${name}_rows`, flat_settings: true });
  expect(settings[`${name}_rows`]?.settings).toMatchObject({
    'index.number_of_replicas': '1',
    'index.refresh_interval': '-1',
  });
  await replicated.stop();
});

test('with replicas, readers may have been shown by one copy what the one that is asked does not show yet', async () => {
  const layout = { ...taggedLayout, replicas: 1 };
  const replicated = new ElasticsearchViewStore<TaggedRow>({ node, layout });
  const { name, generation } = await opened();
  await own(generation, 't/0', [told('a', 1)]);
  expect(await generation.mayShow()).toEqual(new Map([['t/0', 0n]]));
  expect(await replicated.generation(name).mayShow()).toEqual(new Map([['t/0', 1n]]));
  await replicated.stop();
});

test('two processes that open a generation at once both succeed', async () => {
  const name = uniqueName('store_opened');
  await Promise.all(Array.from({ length: 4 }, () => opened(name)));
  await store.generation(name).open(['t/0']);
});

test('a server that is not there calls for a retry', async () => {
  const away = new ElasticsearchViewStore<TaggedRow>({ node: 'http://127.0.0.1:1', layout: taggedLayout });
  await expect(away.generation('any').positions()).rejects.toMatchObject({
    code: 'elasticsearch-unavailable',
    decision: 'retry',
  });
  await away.stop();
});
