import type { Contributed, ViewChange } from '@reprise/view';
import type { PoolClient } from 'pg';
import { parseLedgerEntry, ledgerEntry } from './ledger.js';
import { quoted, type GenerationTables, type GroupLayout } from './layout.js';

/** One function a statement. */
export type Queryable = Pick<PoolClient, 'query'>;
export type Put = Extract<ViewChange<unknown>, { kind: 'put' }>;
export type Removal = Extract<ViewChange<unknown>, { kind: 'remove' }>;
export type Addition = Extract<ViewChange<unknown>, { kind: 'add' }>;

export async function createTables(
  client: Queryable,
  tables: GenerationTables,
  groups: GroupLayout | undefined,
): Promise<void> {
  await client.query(`CREATE TABLE IF NOT EXISTS ${tables.checkpoints} (
    partition text PRIMARY KEY, epoch bigint NOT NULL, next_offset bigint NOT NULL)`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${tables.entities} (
    entity text PRIMARY KEY, version bigint NOT NULL, contribution jsonb NOT NULL)`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${tables.rows} (
    entity text NOT NULL, key text NOT NULL, version bigint NOT NULL, content jsonb NOT NULL, PRIMARY KEY (entity, key))`);
  if (groups) await createGroups(client, tables.groups, groups);
}

async function createGroups(
  client: Queryable,
  table: string,
  { columns, measures }: GroupLayout,
): Promise<void> {
  const names = Object.keys(columns).map(quoted).join(', ');
  const keys = Object.entries(columns).map(([name, type]) => `${quoted(name)} ${type} NOT NULL`);
  const sums = measures.map((name) => `${quoted(name)} bigint NOT NULL`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${table} (${[...keys, ...sums].join(', ')}, PRIMARY KEY (${names}))`,
  );
}

export async function createIndexes(
  client: Queryable,
  table: string,
  { indexes = [] }: GroupLayout,
): Promise<void> {
  for (const columns of indexes) {
    const name = quoted(`${table.slice(1, -1)}_${columns.join('_')}`);
    await client.query(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${columns.map(quoted).join(', ')})`);
  }
}

export async function dropTables(client: Queryable, tables: GenerationTables): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS ${Object.values(tables).join(', ')}`);
}

export async function bumpEpoch(
  client: Queryable,
  { checkpoints }: GenerationTables,
  partition: string,
): Promise<{ epoch: number; nextOffset: bigint }> {
  const { rows } = await client.query<{ epoch: string; next_offset: string }>(
    `INSERT INTO ${checkpoints} AS c (partition, epoch, next_offset) VALUES ($1, 1, 0)
     ON CONFLICT (partition) DO UPDATE SET epoch = c.epoch + 1
     RETURNING epoch, next_offset`,
    [partition],
  );
  const [row] = rows;
  if (!row) throw new Error(`no checkpoint of ${partition}`);
  return { epoch: Number(row.epoch), nextOffset: BigInt(row.next_offset) };
}

/** False when the partition has another owner, or its checkpoint stands elsewhere. */
export async function moveCheckpoint(
  client: Queryable,
  { checkpoints }: GenerationTables,
  move: { partition: string; epoch: number; expected: bigint; next: bigint },
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE ${checkpoints} SET next_offset = $4 WHERE partition = $1 AND epoch = $2 AND next_offset = $3`,
    [move.partition, move.epoch, String(move.expected), String(move.next)],
  );
  return rowCount === 1;
}

export async function readCheckpoints(
  client: Queryable,
  { checkpoints }: GenerationTables,
): Promise<Map<string, bigint>> {
  const { rows } = await client.query<{ partition: string; next_offset: string }>(
    `SELECT partition, next_offset FROM ${checkpoints}`,
  );
  return new Map(rows.map(({ partition, next_offset: nextOffset }) => [partition, BigInt(nextOffset)]));
}

export async function readLedger(
  client: Queryable,
  { entities }: GenerationTables,
  keys: readonly string[],
): Promise<Map<string, Contributed>> {
  const { rows } = await client.query<{ entity: string; version: string; contribution: unknown }>(
    `SELECT entity, version, contribution FROM ${entities} WHERE entity = ANY($1::text[])`,
    [keys],
  );
  return new Map(
    rows.map(({ entity, version, contribution }) => [
      entity,
      parseLedgerEntry(Number(version), contribution),
    ]),
  );
}

export async function writeLedger(
  client: Queryable,
  { entities }: GenerationTables,
  contributed: ReadonlyMap<string, Contributed>,
): Promise<void> {
  const values = [...contributed.values()];
  await client.query(
    `INSERT INTO ${entities} AS e (entity, version, contribution)
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::jsonb[])
     ON CONFLICT (entity) DO UPDATE SET version = excluded.version, contribution = excluded.contribution
     WHERE e.version <= excluded.version`,
    [[...contributed.keys()], values.map(({ version }) => version), values.map(ledgerEntry)],
  );
}

export async function putRows(
  client: Queryable,
  { rows }: GenerationTables,
  puts: readonly Put[],
): Promise<void> {
  await client.query(
    `INSERT INTO ${rows} AS r (entity, key, version, content)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[])
     ON CONFLICT (entity, key) DO UPDATE SET version = excluded.version, content = excluded.content
     WHERE r.version <= excluded.version`,
    [...identity(puts), puts.map(({ row }) => JSON.stringify(row))],
  );
}

export async function removeRows(
  client: Queryable,
  { rows }: GenerationTables,
  removals: readonly Removal[],
): Promise<void> {
  await client.query(
    `DELETE FROM ${rows} r USING unnest($1::text[], $2::text[], $3::bigint[]) AS gone(entity, key, version)
     WHERE r.entity = gone.entity AND r.key = gone.key AND r.version <= gone.version`,
    identity(removals),
  );
}

/** In the order of the groups' keys, the same for all: two partitions' transactions never wait for each other in a ring. */
export async function addToGroups(
  client: Queryable,
  { groups: table }: GenerationTables,
  { layout, additions }: { layout: GroupLayout; additions: readonly Addition[] },
): Promise<void> {
  const keys = Object.entries(layout.columns);
  const names = [...keys.map(([name]) => name), ...layout.measures].map(quoted);
  const types = [...keys.map(([, type]) => type), ...layout.measures.map(() => 'bigint')];
  const sums = layout.measures.map(
    (name) => `${quoted(name)} = g.${quoted(name)} + excluded.${quoted(name)}`,
  );
  await client.query(
    `INSERT INTO ${table} AS g (${names.join(', ')})
     SELECT * FROM unnest(${types.map((type, place) => `$${place + 1}::${type}[]`).join(', ')}) AS n(${names.join(', ')})
     ORDER BY ${keys.map(([name]) => quoted(name)).join(', ')}
     ON CONFLICT (${keys.map(([name]) => quoted(name)).join(', ')}) DO UPDATE SET ${sums.join(', ')}`,
    [
      ...keys.map(([name]) => additions.map(({ group }) => group[name])),
      ...layout.measures.map((name) => additions.map(({ measures }) => measures[name] ?? 0)),
    ],
  );
}

function identity(changes: readonly (Put | Removal)[]): unknown[] {
  return [
    changes.map(({ entity }) => entity),
    changes.map(({ key }) => key),
    changes.map(({ version }) => version),
  ];
}
