import { describe, expect, test } from '@jest/globals';
import { CodedError } from '@reprise/kernel';
import type { Contributed } from '@reprise/view';
import { MemoryGeneration, type ApplyOutcome, type ViewBatch } from '@reprise/view-store';
import { SharedTrips } from './shared-trips.js';

type Batch = ViewBatch<string>;

/** A store that notes its trips, and refuses an entity named `bad`. */
class Noting extends MemoryGeneration<string> {
  readonly read: (readonly string[])[] = [];
  readonly applied: (readonly string[])[] = [];
  failure: Error | undefined;

  override contributed(entities: readonly string[]) {
    this.read.push(entities);
    return super.contributed(entities);
  }

  override apply(batch: Batch): Promise<ApplyOutcome> {
    if (batch.contributed.has('bad')) return Promise.reject(refusal);
    return super.apply(batch);
  }

  override async applyTogether(batches: readonly Batch[]): Promise<ApplyOutcome[]> {
    this.applied.push(batches.map(({ claim }) => claim.partition));
    if (this.failure) throw this.failure;
    if (batches.some(({ contributed }) => contributed.has('bad'))) throw refusal;
    return super.applyTogether(batches);
  }
}

const refusal = new CodedError('row-refused', 'a value that the store cannot hold', {
  decision: 'set-aside',
});
const partitions = ['t/0', 't/1', 't/2'];

async function setting() {
  const store = new Noting();
  await store.open(partitions);
  const claims = await Promise.all(partitions.map((partition) => store.claim(partition)));
  const batch = (place: number, ...entities: readonly string[]): Batch => {
    const claim = claims[place];
    if (!claim) throw new RangeError(`there is no partition ${place}`);
    const entry: Contributed = { version: 1, rows: [], groups: [], references: [], state: null };
    const contributed = new Map(entities.map((entity) => [entity, entry]));
    return { claim, nextOffset: 1n, references: new Map(), contributed, changes: [], links: [] };
  };
  return { store, trips: new SharedTrips(store), batch };
}

describe('partitions that ask at the same time', () => {
  test('share one trip, and each is told of its own', async () => {
    const { store, trips, batch } = await setting();
    const outcomes = await Promise.all([trips.apply(batch(0, 'a')), trips.apply(batch(1, 'b'))]);
    expect(outcomes).toEqual(['applied', 'applied']);
    expect(store.applied).toEqual([['t/0', 't/1']]);
    const [ofA, ofB] = await Promise.all([trips.contributed(['a', 'none']), trips.contributed(['b'])]);
    expect(store.read).toEqual([['a', 'none', 'b']]);
    expect([[...ofA.keys()], [...ofB.keys()]]).toEqual([['a'], ['b']]);
  });

  test('do not wait for one that asks later', async () => {
    const { store, trips, batch } = await setting();
    expect(await trips.apply(batch(0, 'a'))).toBe('applied');
    expect(await trips.apply(batch(1, 'b'))).toBe('applied');
    expect(store.applied).toEqual([['t/0'], ['t/1']]);
  });

  test('go alone with much', async () => {
    const { store, trips, batch } = await setting();
    const many = Array.from({ length: 1_000 }, (_, number) => `m${number}`);
    await Promise.all([
      trips.apply(batch(0, ...many)),
      trips.apply(batch(1, 'b')),
      trips.apply(batch(2, 'c')),
    ]);
    expect(store.applied).toEqual([['t/0'], ['t/1', 't/2']]);
  });

  test('hear of a fence only where it is theirs', async () => {
    const { store, trips, batch } = await setting();
    await store.claim('t/0');
    const outcomes = await Promise.all([trips.apply(batch(0, 'a')), trips.apply(batch(1, 'b'))]);
    expect(outcomes).toEqual(['fenced', 'applied']);
  });

  test('hear of a value that the store refuses only where it is theirs', async () => {
    const { trips, batch } = await setting();
    const asked = [trips.apply(batch(0, 'a')), trips.apply(batch(1, 'bad')), trips.apply(batch(2, 'c'))];
    expect(await Promise.allSettled(asked)).toMatchObject([
      { status: 'fulfilled', value: 'applied' },
      { status: 'rejected', reason: { code: 'row-refused' } },
      { status: 'fulfilled', value: 'applied' },
    ]);
  });

  test('all hear of a connection that broke, and nothing is tried again', async () => {
    const { store, trips, batch } = await setting();
    store.failure = new CodedError('store-away', 'the connection broke', { decision: 'retry' });
    const asked = [trips.apply(batch(0, 'a')), trips.apply(batch(1, 'b'))];
    const broken = { status: 'rejected', reason: { code: 'store-away' } };
    expect(await Promise.allSettled(asked)).toMatchObject([broken, broken]);
    expect(store.applied).toHaveLength(1);
  });
});
