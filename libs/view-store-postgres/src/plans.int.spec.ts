import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import pg from 'pg';
import { PostgresViewStore, type PostgresLayout } from './index.js';

interface Line {
  readonly label: string;
}

const layout: PostgresLayout<Line> = {
  parseRow: (stored) => stored as Line,
  rows: { columns: { label: 'text' } },
};
const partition = 'plans/0';
const connectionString = testConnections().postgresUrl;

let admin: pg.Client;

beforeAll(async () => {
  admin = new pg.Client({ connectionString });
  await admin.connect();
});

afterAll(() => admin.end());

test('statements that were planned for a table of few rows find those of many by the key', async () => {
  // One session: its statements are planned once.
  const store = new PostgresViewStore({ connectionString, layout, maxConnections: 1 });
  const name = uniqueName('gen');
  const tables = store.tables(name);
  const generation = store.generation(name);
  await generation.open([partition]);
  let claim = await generation.claim(partition);

  async function feed(entities: readonly string[], version: number): Promise<void> {
    const prior = await generation.contributed(entities);
    expect(prior.size).toBe(version === 1 ? 0 : entities.length);
    const nextOffset = claim.nextOffset + BigInt(entities.length);
    const entry = { version, rows: ['k'], groups: [], references: [], state: null };
    const batch = {
      ...{ claim, nextOffset, references: new Map(), links: [] },
      contributed: new Map(entities.map((entity) => [entity, entry])),
      changes: entities.map(
        (entity) => ({ kind: 'put', entity, key: 'k', version, row: { label: entity } }) as const,
      ),
    };
    expect(await generation.apply(batch)).toBe('applied');
    claim = { ...claim, nextOffset };
  }

  const few = ['a', 'b', 'c'];
  const many = Array.from({ length: 3_000 }, (_, place) => `e${place}`);
  await feed(few, 1);
  await admin.query(`ANALYZE ${tables.rows}, ${tables.entities}`);
  for (let version = 2; version < 12; version += 1) await feed(few, version);
  await feed(many, 1);
  for (let from = 0; from < 100; from += 10) await feed(many.slice(from, from + 10), 2);
  // Its counts are told when a session ends.
  await store.stop();

  const { rows } = await admin.query<{ read: string }>(
    'SELECT coalesce(sum(seq_tup_read), 0) AS read FROM pg_stat_user_tables WHERE relid IN ($1::regclass, $2::regclass)',
    [tables.rows, tables.entities],
  );
  expect(Number(rows[0]?.read)).toBeLessThan(many.length);
  const again = new PostgresViewStore({ connectionString, layout });
  await again.generation(name).drop();
  await again.stop();
});

test('entities and keys are compared by their bytes, whatever the language of the database', async () => {
  const database = uniqueName('german');
  await admin.query(
    `CREATE DATABASE ${database} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de' ENCODING 'UTF8'`,
  );
  const address = new URL(connectionString);
  address.pathname = `/${database}`;
  const store = new PostgresViewStore({ connectionString: address.href, layout });
  const name = uniqueName('gen');
  try {
    for (const [generation, load] of [
      [name, false],
      [`${name}_loaded`, true],
    ] as const)
      await store.generation(generation).open([partition], { load });
    const client = new pg.Client({ connectionString: address.href });
    await client.connect();
    try {
      for (const { rows, entities } of [store.tables(name), store.tables(`${name}_loaded`)]) {
        const { rows: found } = await client.query<{ collation: string }>(
          `SELECT attcollation::regcollation AS collation FROM pg_attribute
           WHERE attrelid IN ($1::regclass, $2::regclass) AND attname IN ('entity', 'key')`,
          [rows, entities],
        );
        expect(found.map(({ collation }) => collation)).toEqual(['"C"', '"C"', '"C"']);
      }
    } finally {
      await client.end();
    }
  } finally {
    await store.stop();
    await admin.query(`DROP DATABASE ${database}`);
  }
});
