import { testConnections, uniqueName } from '@reprise/testing';
import { extended } from '@reprise/view-store';
import { describeViewStore, parseTestRow, testGroups } from '@reprise/view-store/contract';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { PostgresViewStore } from './index.js';

const layout = { parseRow: parseTestRow, groups: { ...testGroups, indexes: [['hour']] } };

describeViewStore({
  name: 'Postgres',
  make: () => {
    const store = new PostgresViewStore({ connectionString: testConnections().postgresUrl, layout });
    return Promise.resolve({ store, stop: () => store.stop() });
  },
  capabilities: { groups: true },
});

describeViewStore({
  name: 'Postgres, with a column for each field',
  make: () => {
    const columns = { name: 'text', size: 'integer' } as const;
    const connectionString = testConnections().postgresUrl;
    const store = new PostgresViewStore({ connectionString, layout: { ...layout, rows: { columns } } });
    return Promise.resolve({ store, stop: () => store.stop() });
  },
  capabilities: { groups: true },
});

describe('Postgres: what its transactions promise', () => {
  let store: PostgresViewStore<ReturnType<typeof parseTestRow>>;
  let admin: pg.Client;

  beforeAll(async () => {
    const connectionString = testConnections().postgresUrl;
    store = new PostgresViewStore({ connectionString, layout });
    admin = new pg.Client({ connectionString });
    await admin.connect();
  });

  afterAll(async () => {
    await store.stop();
    await admin.end();
  });

  const group = { place: 'JFK', hour: 5 };
  const addition = (entity: string, size: number) => {
    const shared = { group, measures: { entities: 1, size }, extremes: { size } };
    return {
      contributed: new Map([
        [entity, { version: 1, rows: [], groups: [shared], references: [], state: null }],
      ]),
      changes: [
        {
          kind: 'add',
          group,
          measures: shared.measures,
          extremes: [{ measure: 'size', value: size, count: 1 }],
        } as const,
      ],
      links: [],
    };
  };

  test('a batch whose session is killed before it commits changes nothing', async () => {
    const name = uniqueName('gen');
    const generation = store.generation(name);
    await generation.open([]);
    const claim = await generation.claim('killed/0');
    const lock = new pg.Client({ connectionString: testConnections().postgresUrl });
    await lock.connect();
    await lock.query(`BEGIN; LOCK TABLE ${store.tables(name).groups} IN ACCESS EXCLUSIVE MODE`);
    const { references } = claim;
    const applied = generation.apply({ claim, nextOffset: 1n, references, ...addition('a', 7) });
    const outcome = applied.catch((failure: unknown) => failure);
    await waiting(name);
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`,
      [name],
    );
    expect(await outcome).toMatchObject({ code: 'view-store-unavailable', decision: 'retry' });
    await lock.query('ROLLBACK');
    await lock.end();
    expect((await generation.positions()).get('killed/0')).toBe(0n);
    expect(await Array.fromAsync(generation.contents())).toEqual([]);
    await generation.drop();
  });

  describe('a generation that was opened before a load’s end was kept', () => {
    async function before() {
      const name = uniqueName('gen');
      const generation = store.generation(name);
      await generation.open(['before/0'], { load: true });
      await admin.query(`ALTER TABLE ${store.tables(name).checkpoints} DROP COLUMN loaded_to`);
      return { name, generation };
    }
    const nothing = { contributed: new Map(), changes: [], links: [], references: new Map() };

    test('is read as it is, and keeps it once it is opened again', async () => {
      const { generation } = await before();
      expect(await generation.mayShow()).toEqual(new Map([['before/0', 0n]]));
      expect(await generation.positions()).toEqual(new Map([['before/0', 0n]]));
      await generation.open(['before/0'], { load: true });
      const claim = await generation.claim('before/0');
      const batch = { claim, ...nothing, nextOffset: 0n, loading: 'half', loadedTo: 7n };
      expect(await generation.load(batch)).toBe('applied');
      expect(await generation.mayShow()).toEqual(new Map([['before/0', 7n]]));
      await generation.drop();
    });

    test('is opened again without waiting for who reads it, where it has all its columns', async () => {
      const { name, generation } = await before();
      await generation.open(['before/0']);
      await admin.query(`BEGIN; SELECT * FROM ${store.tables(name).checkpoints}`);
      await generation.open(['before/0']);
      await admin.query('ROLLBACK');
      await generation.drop();
    });
  });

  test('partitions that add to the same groups at the same time lose nothing', async () => {
    const generation = store.generation(uniqueName('gen'));
    await generation.open([]);
    const partitions = ['shared/0', 'shared/1', 'shared/2', 'shared/3'];
    await Promise.all(
      partitions.map(async (partition) => {
        const claim = await generation.claim(partition);
        for (let offset = 0n; offset < 25n; offset += 1n) {
          const batch = {
            claim: { ...claim, nextOffset: offset },
            nextOffset: offset + 1n,
            references: claim.references,
            ...addition(`${partition}-${offset}`, 2),
          };
          expect(await generation.apply(batch)).toBe('applied');
        }
      }),
    );
    expect(await Array.fromAsync(generation.contents())).toEqual([
      {
        kind: 'group',
        group,
        measures: { entities: 100, size: 200 },
        extremes: { size: extended(undefined, 2, 100) },
      },
    ]);
    await generation.drop();
  });

  test('a group that nobody contributes to any more leaves no row, whoever adds to it at the same time', async () => {
    const name = uniqueName('gen');
    const generation = store.generation(name);
    await generation.open([]);
    await Promise.all(
      ['shared/0', 'shared/1', 'shared/2'].map(async (partition) => {
        const claim = await generation.claim(partition);
        for (let offset = 0n; offset < 40n; offset += 1n) {
          const { contributed, changes, links } = addition(partition, 2);
          const sign = offset % 2n === 0n ? 1 : -1;
          const signed = changes.map((change) => ({
            ...change,
            measures: { entities: sign, size: 2 * sign },
            extremes: [{ measure: 'size', value: 2, count: sign }],
          }));
          const { references } = claim;
          const batch = { claim: { ...claim, nextOffset: offset }, nextOffset: offset + 1n, references };
          expect(await generation.apply({ ...batch, contributed, changes: signed, links })).toBe('applied');
        }
      }),
    );
    const { rows } = await admin.query(`SELECT * FROM ${store.tables(name).groups}`);
    expect(rows).toEqual([]);
    await generation.drop();
  });

  test('rows that were planned as the first of their entities meet newer and older ones: the newest stay', async () => {
    const generation = store.generation(uniqueName('gen'));
    await generation.open([]);
    const claim = await generation.claim('first/0');
    const { references } = claim;
    const batch = (versionOf: (place: number) => number, name: string) => {
      const entities = Array.from({ length: 700 }, (_, place) => `e${place}`);
      const versions = entities.map((entity, place) => [entity, versionOf(place)] as const);
      const held = { rows: ['k'], groups: [], references: [], state: null };
      return {
        contributed: new Map(versions.map(([entity, version]) => [entity, { ...held, version }])),
        changes: versions.map(([entity, version]) => {
          const row = { name, size: version };
          return { kind: 'put', entity, key: 'k', version, row, isFirst: true } as const;
        }),
        links: [],
      };
    };
    const first = { claim, nextOffset: 1n, references, ...batch(() => 5, 'there') };
    expect(await generation.apply(first)).toBe('applied');
    const blind = batch((place) => (place % 2 === 0 ? 4 : 6), 'comes');
    const second = { claim: { ...claim, nextOffset: 1n }, nextOffset: 2n, references, ...blind };
    expect(await generation.apply(second)).toBe('applied');
    const contents = await Array.fromAsync(generation.contents());
    const names = Map.groupBy(contents, (item) => (item.kind === 'row' ? item.row.name : 'group'));
    expect([...names].map(([name, items]) => [name, items.length]).sort()).toEqual([
      ['comes', 350],
      ['there', 350],
    ]);
    expect((await generation.positions()).get('first/0')).toBe(2n);
    await generation.drop();
  });

  test('dropping a generation leaves no table behind, also after its indexes were built', async () => {
    const name = uniqueName('gen');
    const generation = store.generation(name);
    await generation.open([]);
    await generation.seal();
    await generation.drop();
    const { rows } = await admin.query('SELECT relname FROM pg_class WHERE relname LIKE $1', [`${name}%`]);
    expect(rows).toEqual([]);
  });

  /** Until a statement on the generation waits for a lock. */
  async function waiting(name: string): Promise<void> {
    for (;;) {
      const { rowCount } = await admin.query(
        `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%' || $1 || '%'`,
        [name],
      );
      if (rowCount !== null && rowCount > 0) return;
    }
  }
});
