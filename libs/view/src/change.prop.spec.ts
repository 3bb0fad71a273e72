import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  groupId,
  newestPerEntity,
  planChanges,
  type Contributed,
  type EntityRecord,
  type ViewChange,
} from './change.js';
import { row, share } from './definition.js';
import type { Projector } from './reference.js';

interface Parcel {
  readonly shelves: readonly string[];
  readonly label: string;
  readonly shares: readonly { readonly depot: string; readonly grams: number }[];
}

const view: Projector<string> = {
  keepsState: false,
  referencesOf: () => [],
  project: (entity) => {
    const { shelves, label, shares } = entity as Parcel;
    return [
      ...shelves.map((shelf) => row(shelf, label)),
      ...shares.map(({ depot, grams }) => share({ depot }, { parcels: 1, grams })),
    ];
  },
};

/** A store reduced to what the algebra promises: verbs on rows, additions to groups, the ledger. */
class PlainStore {
  private readonly ledger = new Map<string, Contributed>();
  private readonly rows = new Map<string, string>();
  private readonly groups = new Map<string, Record<string, number>>();

  feed(batch: readonly EntityRecord[]): readonly ViewChange<string>[] {
    const newest = newestPerEntity(batch);
    const { contributed, changes } = planChanges(view, newest, this.ledger);
    for (const change of changes) this.take(change);
    for (const [entity, contribution] of contributed) this.ledger.set(entity, contribution);
    return changes;
  }

  contents() {
    const summed = [...this.groups].filter(([, sums]) => Object.values(sums).some((amount) => amount !== 0));
    return { rows: new Map(this.rows), groups: new Map(summed), ledger: new Map(this.ledger) };
  }

  private take(change: ViewChange<string>): void {
    switch (change.kind) {
      case 'put':
        this.rows.set(JSON.stringify([change.entity, change.key]), change.row);
        return;
      case 'remove':
        this.rows.delete(JSON.stringify([change.entity, change.key]));
        return;
      case 'add': {
        const sums = { ...this.groups.get(groupId(change.group)) };
        for (const [measure, amount] of Object.entries(change.measures))
          sums[measure] = (sums[measure] ?? 0) + amount;
        this.groups.set(groupId(change.group), sums);
      }
    }
  }
}

const parcel: fc.Arbitrary<Parcel> = fc.record({
  shelves: fc.array(fc.constantFrom('s', 't', 'u'), { maxLength: 3 }),
  label: fc.constantFrom('x', 'y'),
  shares: fc.array(
    fc.record({ depot: fc.constantFrom('north', 'south'), grams: fc.integer({ min: -50, max: 50 }) }),
    { maxLength: 2 },
  ),
});

/** The log of one partition: versions grow per entity. */
const log: fc.Arbitrary<readonly EntityRecord[]> = fc
  .array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      grows: fc.integer({ min: 1, max: 3 }),
      state: fc.option(parcel, { freq: 4 }),
    }),
    {
      maxLength: 20,
    },
  )
  .map((steps) => {
    const versions = new Map<string, number>();
    return steps.map(({ key, grows, state }) => {
      const version = (versions.get(key) ?? 0) + grows;
      versions.set(key, version);
      return { key, version, state };
    });
  });

const cuts = fc.array(fc.nat({ max: 20 }), { maxLength: 6 });

function fed(...batches: readonly (readonly EntityRecord[])[]): PlainStore {
  const store = new PlainStore();
  for (const batch of batches) store.feed(batch);
  return store;
}

function split<Item>(items: readonly Item[], places: readonly number[]): Item[][] {
  const sorted = [...places].sort((left, right) => left - right);
  return [...sorted, items.length].map((place, index) => items.slice(sorted[index - 1] ?? 0, place));
}

describe('the laws of planned changes', () => {
  test('the same batch twice is the batch once', () => {
    fc.assert(
      fc.property(log, (records) => {
        expect(fed(records, records).contents()).toEqual(fed(records).contents());
      }),
    );
  });

  test('the same batch again adds nothing to any group', () => {
    fc.assert(
      fc.property(log, (records) => {
        expect(
          fed(records)
            .feed(records)
            .filter(({ kind }) => kind !== 'put'),
        ).toEqual([]);
      }),
    );
  });

  test('any split of a batch is the batch', () => {
    fc.assert(
      fc.property(log, cuts, (records, places) => {
        expect(fed(...split(records, places)).contents()).toEqual(fed(records).contents());
      }),
    );
  });

  test('how the records of different entities interleave is irrelevant', () => {
    fc.assert(
      fc.property(log, cuts, (records, places) => {
        const sorted = [...records].sort((left, right) =>
          left.key < right.key ? -1 : left.key > right.key ? 1 : 0,
        );
        expect(fed(...split(sorted, places)).contents()).toEqual(fed(...split(records, places)).contents());
      }),
    );
  });

  test('the order in which versions arrive is irrelevant', () => {
    const shuffled = log.chain((records) =>
      fc.tuple(fc.constant(records), fc.shuffledSubarray([...records], { minLength: records.length })),
    );
    fc.assert(
      fc.property(shuffled, cuts, ([records, arrived], places) => {
        expect(fed(...split(arrived, places)).contents()).toEqual(fed(records).contents());
      }),
    );
  });

  test('delivery again from any earlier offset converges', () => {
    fc.assert(
      fc.property(log, cuts, fc.nat({ max: 20 }), (records, places, from) => {
        const again = split(records.slice(from), places);
        expect(fed(records, ...again).contents()).toEqual(fed(records).contents());
      }),
    );
  });

  test('what compaction leaves of a log builds the same view', () => {
    fc.assert(
      fc.property(log, (records) => {
        const compacted = [...newestPerEntity(records).values()];
        expect(fed(compacted).contents()).toEqual(fed(...records.map((record) => [record])).contents());
      }),
    );
  });

  test('group sums equal what the present entities contribute, however often they were changed', () => {
    fc.assert(
      fc.property(log, cuts, (records, places) => {
        const expected = new Map<string, { parcels: number; grams: number }>();
        for (const { state } of newestPerEntity(records).values()) {
          for (const { depot, grams } of (state as Parcel | null)?.shares ?? []) {
            const sum = expected.get(groupId({ depot })) ?? { parcels: 0, grams: 0 };
            expected.set(groupId({ depot }), { parcels: sum.parcels + 1, grams: sum.grams + grams });
          }
        }
        expect(fed(...split(records, places)).contents().groups).toEqual(expected);
      }),
    );
  });

  test('when every entity is gone nothing is left but their versions', () => {
    fc.assert(
      fc.property(log, (records) => {
        const gone = [...newestPerEntity(records).values()].map(({ key, version }) => ({
          key,
          version: (version ?? 0) + 1,
          state: null,
        }));
        const { rows, groups, ledger } = fed(records, gone).contents();
        expect([rows.size, groups.size]).toEqual([0, 0]);
        for (const { key, version } of gone)
          expect(ledger.get(key)).toMatchObject({ version, rows: [], groups: [] });
      }),
    );
  });
});

describe('a tombstone without a version', () => {
  const known = { key: 'a', version: 4, state: { shelves: ['s'], label: 'x', shares: [] } };
  const tombstone = { key: 'a', version: undefined, state: null };

  test('counts as newer than anything before it, in its batch and after it', () => {
    for (const store of [fed([known, tombstone]), fed([known], [tombstone])])
      expect(store.contents().rows.size).toBe(0);
  });

  test('is not undone by what came before it, delivered again', () => {
    expect(fed([known], [tombstone], [known]).contents().rows.size).toBe(0);
  });

  test('does not stop the versions that follow', () => {
    const next = { ...known, version: 6 };
    expect(fed([known], [tombstone], [next]).contents().rows.size).toBe(1);
    expect(fed([known, tombstone, next]).contents().rows.size).toBe(1);
  });
});

test('of several rows of an entity with the same key the last one is put, and no store is given the key twice', () => {
  const twice: Projector<string> = {
    ...view,
    project: () => [row('s', 'first'), row('t', 'other'), row('s', 'last')],
  };
  const newest = new Map([['p', { key: 'p', version: 1, state: {} }]]);
  const { changes, contributed } = planChanges(twice, newest, new Map());
  const put = { kind: 'put', entity: 'p', version: 1, isFirst: true };
  expect(changes).toEqual([
    { ...put, key: 's', row: 'last' },
    { ...put, key: 't', row: 'other' },
  ]);
  expect(contributed.get('p')?.rows).toEqual(['s', 't']);
});

test('a group key is the same whatever the order of its columns', () => {
  expect(groupId({ depot: 'north', hour: 6 })).toBe(groupId({ hour: 6, depot: 'north' }));
  expect(groupId({ hour: 6 })).not.toBe(groupId({ hour: '6' }));
});
