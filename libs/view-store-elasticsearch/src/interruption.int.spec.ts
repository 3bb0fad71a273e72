import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import { Gate, type Passage } from '../test/gate.js';
import { feed, own, rowsOf, taggedLayout, type TaggedRow, type Told } from '../test/tagged.js';
import { ElasticsearchViewStore } from './store.js';

const node = testConnections().elasticsearchUrl;
const name = uniqueName('interruption');
const healthy = new ElasticsearchViewStore<TaggedRow>({ node, layout: taggedLayout });
const generation = healthy.generation(name);
const closing: (() => Promise<void>)[] = [];

beforeAll(() => generation.open(['t/0']));
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
afterAll(async () => {
  await generation.drop();
  await healthy.stop();
});

/** A store whose nth request (from 0) does not simply pass. */
async function interrupted(nth: number, passage: Passage) {
  const isBroken = passage === 'cut-before' || passage === 'cut-after';
  const gate = new Gate(new URL(node), (place) =>
    place === nth || (isBroken && place > nth) ? passage : 'open',
  );
  const store = new ElasticsearchViewStore<TaggedRow>({ node: await gate.start(), layout: taggedLayout });
  closing.push(
    () => store.stop(),
    () => gate.stop(),
  );
  return { gate, store, broken: store.generation(name) };
}

test('a store whose server was away goes on as soon as it is back', async () => {
  let isAway = true;
  const gate = new Gate(new URL(node), () => (isAway ? 'cut-before' : 'open'));
  const store = new ElasticsearchViewStore<TaggedRow>({ node: await gate.start(), layout: taggedLayout });
  closing.push(
    () => store.stop(),
    () => gate.stop(),
  );
  const returning = store.generation(name);
  for (let tries = 0; tries < 8; tries += 1) {
    await expect(returning.claim('away/0')).rejects.toMatchObject({ decision: 'retry' });
  }
  isAway = false;
  expect(await returning.claim('away/0')).toEqual({
    partition: 'away/0',
    epoch: 1,
    nextOffset: 0n,
    references: new Map(),
    loading: '',
    loadedTo: 0n,
  });
});

test('what a copy of a shard could not refresh is not told of as visible', async () => {
  await own(generation, 't/0', [told('copied', 1, ['copied'])]);
  const before = await generation.positions();
  // The three before it ask where the partitions stand.
  const { broken } = await interrupted(3, { answer: { _shards: { total: 2, successful: 1, failed: 1 } } });
  await expect(broken.settle()).rejects.toMatchObject({
    code: 'elasticsearch-unavailable',
    decision: 'retry',
  });
  expect(await generation.positions()).toEqual(before);
});

const told = (key: string, version: number, keys: readonly string[] | null): Told => ({
  key,
  version,
  state: keys && { keys, tag: `v${version}` },
});

/** contributed, claim's check, intents, rows, ledgers, checkpoint. */
const requests = [0, 1, 2, 3, 4, 5];
const second = ['moved', 'new'];
/** What the log may say next: the same record, one that compaction left in its place, or that the entity is gone. */
const sequels: readonly { what: string; next: (entity: string) => Told; rows: readonly string[] }[] = [
  {
    what: 'the same record',
    next: (entity) => told(entity, 2, [entity, ...second]),
    rows: ['moved=v2', 'new=v2'],
  },
  { what: 'a newer record', next: (entity) => told(entity, 3, ['other']), rows: ['other=v3'] },
  { what: 'a tombstone', next: (entity) => told(entity, 3, null), rows: [] },
];

describe.each(requests)('a batch that breaks off at request %i', (nth) => {
  describe.each(['cut-before', 'cut-after'] as const)('(%s)', (passage) => {
    test.each(sequels)('is mended by applying $what', async ({ what, next, rows }) => {
      const entity = `e-${nth}-${passage}-${what}`;
      const partition = `crash.${entity.replaceAll(' ', '-')}/0`;
      await own(generation, partition, [told(entity, 1, [entity, 'old'])]);
      const claim = await generation.claim(partition);
      const { broken } = await interrupted(nth, passage);
      const records = [told(entity, 2, [entity, ...second])];
      await expect(feed(broken, claim, { records })).rejects.toMatchObject({ decision: 'retry' });
      await own(generation, partition, [next(entity)]);
      const expected = rows.length === 2 ? [...rows, `${entity}=v2`].sort() : rows;
      expect(await rowsOf(generation, entity)).toEqual(expected);
      const contributed = (await generation.contributed([entity])).get(entity);
      expect(contributed?.rows).toHaveLength(expected.length);
    });
  });
});

test.each(requests)(
  'what a batch that broke off at request %i may show is bounded by its own end',
  async (nth) => {
    const bounded = uniqueName('interruption_bounded');
    const alone = healthy.generation(bounded);
    await alone.open(['t/0']);
    await own(alone, 't/0', [told('e', 1, ['e', 'old'])]);
    const claim = await alone.claim('t/0');
    const { store } = await interrupted(nth, 'cut-after');
    const records = [told('e', 2, ['e', ...second])];
    await expect(feed(store.generation(bounded), claim, { records })).rejects.toMatchObject({
      decision: 'retry',
    });
    const isAnyShown = (await rowsOf(alone, 'e')).some((row) => row.endsWith('=v2'));
    const bound = (await alone.mayShow()).get('t/0') ?? 0n;
    expect(bound).toBeGreaterThanOrEqual(claim.nextOffset + (isAnyShown ? 1n : 0n));
    expect(bound).toBeLessThanOrEqual(claim.nextOffset + 1n);
    await alone.drop();
  },
);

describe.each(requests)('an owner that sleeps before request %i while another takes over', (nth) => {
  test.each(sequels)('changes nothing that the new owner wrote: $what', async ({ what, next, rows }) => {
    const entity = `z-${nth}-${what}`;
    const partition = `zombie.${entity.replaceAll(' ', '-')}/0`;
    await own(generation, partition, [told(entity, 1, [entity, 'old'])]);
    const claim = await generation.claim(partition);
    const { gate, broken } = await interrupted(nth, 'hold');
    const zombie = feed(broken, claim, { records: [told(entity, 2, [entity, ...second])] });
    await gate.isHolding();
    await own(generation, partition, [next(entity)]);
    gate.release();
    expect(await zombie).toBe('fenced');
    const expected = rows.length === 2 ? [...rows, `${entity}=v2`].sort() : rows;
    expect(await rowsOf(generation, entity)).toEqual(expected);
  });
});

test('an owner that wakes up between the reading and the writing of the new one leaves no row that nobody knows of', async () => {
  const [entity, partition] = ['between', 'between/0'];
  await own(generation, partition, [told(entity, 1, ['old'])]);
  const claim = await generation.claim(partition);
  const { gate, broken } = await interrupted(2, 'hold');
  const zombie = feed(broken, claim, { records: [told(entity, 2, ['ghost'])] });
  await gate.isHolding();
  const records = [told(entity, 3, ['other'])];
  const wakeUp = async () => {
    gate.release();
    await zombie;
  };
  const newClaim = await generation.claim(partition);
  expect(await feed(generation, newClaim, { records, between: wakeUp })).toBe('fenced');
  expect(await zombie).toBe('fenced');
  await own(generation, partition, records);
  expect(await rowsOf(generation, entity)).toEqual(['other=v3']);
});

test('a write that reaches the server after its generation was dropped creates no index', async () => {
  const dropped = uniqueName('interruption_dropped');
  const doomed = healthy.generation(dropped);
  await doomed.open(['t/0']);
  const claim = await doomed.claim('doomed/0');
  const { gate, store } = await interrupted(2, 'hold');
  const late = feed(store.generation(dropped), claim, { records: [told('e', 1, ['e'])] });
  await gate.isHolding();
  await doomed.drop();
  gate.release();
  await expect(late).rejects.toMatchObject({ code: 'generation-missing', decision: 'retry' });
  expect(await healthy.client.indices.exists({ index: `${dropped}*`, allow_no_indices: false })).toBe(false);
});
