import type { Contributed, ViewChange } from '@reprise/view';
import { arrayText } from './array-text.js';
import { contributionText, parseContribution } from './ledger.js';
import { storeError } from './errors.js';
import { quoted, type GenerationTables } from './layout.js';
import { prepared, type Queryable } from './prepared.js';
import type { RowShape } from './row-shape.js';

/** One function a statement; those on checkpoints, on groups and of loads are in files of their own. */
export type Put = Extract<ViewChange<unknown>, { kind: 'put' }>;
export type Removal = Extract<ViewChange<unknown>, { kind: 'remove' }>;

/** Compared by their bytes, whatever the database's language: keys by its rules (ICU) took 1.7 times as long to make. */
const identifier = 'text COLLATE "C" NOT NULL';

/**
 * `isKeyed` is false for a bulk load: the keys come with {@link createKeys}.
 * Existing tables are left as they are.
 */
export async function createTables(
  client: Queryable,
  tables: GenerationTables,
  { isKeyed, shape }: { isKeyed: boolean; shape: RowShape },
): Promise<void> {
  const definitions = shape.columns.map(({ name, type }) => `${name} ${type}`);
  const [entityKey, rowKey] = isKeyed ? [', PRIMARY KEY (entity)', ', PRIMARY KEY (entity, key)'] : ['', ''];
  await client.query(`CREATE TABLE IF NOT EXISTS ${tables.checkpoints} (
    partition text PRIMARY KEY, epoch bigint NOT NULL, next_offset bigint NOT NULL, reference_offsets text NOT NULL,
    loading text NOT NULL DEFAULT '', loaded_to bigint NOT NULL DEFAULT 0)`);
  await addColumns(client, tables.checkpoints, {
    loading: `text NOT NULL DEFAULT ''`,
    loaded_to: 'bigint NOT NULL DEFAULT 0',
  });
  await client.query(`CREATE TABLE IF NOT EXISTS ${tables.entities} (
    entity ${identifier}, version bigint NOT NULL, contribution json NOT NULL,
    partition text NOT NULL, refers_to text[] NOT NULL, state json${entityKey})`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${tables.rows} (
    entity ${identifier}, key ${identifier}, version bigint NOT NULL, ${definitions.join(', ')}${rowKey})`);
}

/**
 * To a table of the time before there were these. Only where one is missing is the table altered: that waits for whoever reads it,
 * and everybody else waits behind it.
 */
async function addColumns(
  client: Queryable,
  table: string,
  definitions: Readonly<Record<string, string>>,
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND NOT attisdropped',
    [table],
  );
  const there = new Set(rows.map(({ name }) => name));
  for (const [name, definition] of Object.entries(definitions))
    if (!there.has(name)) await client.query(`ALTER TABLE ${table} ADD COLUMN ${name} ${definition}`);
}

/** @throws CodedError `layout-differs` when the table of rows was made for another layout. */
export async function requireShape(
  client: Queryable,
  { rows: table }: GenerationTables,
  { columns }: RowShape,
): Promise<void> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
     WHERE attrelid = $1::regclass AND attnum > 3 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  const found = rows.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ');
  const wanted = columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  if (found !== wanted)
    throw storeError(
      'layout-differs',
      `${table} has the columns ${found}, and the layout says ${wanted}: raise the view's version`,
    );
}

/** What was loaded without keys gets them. Does nothing where they are. */
export async function createKeys(client: Queryable, { rows, entities }: GenerationTables): Promise<void> {
  for (const [table, columns] of [
    [rows, 'entity, key'],
    [entities, 'entity'],
  ] as const)
    if (!(await isKeyed(client, table)))
      await client.query(`ALTER TABLE ${table} ADD PRIMARY KEY (${columns})`);
}

export async function isKeyed(client: Queryable, table: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM pg_index WHERE indrelid = $1::regclass AND indisprimary`,
    [table],
  );
  return rowCount === 1;
}

/** So that the planner knows what a bulk load brought. */
export async function analyze(
  client: Queryable,
  { rows, entities, groups }: GenerationTables,
): Promise<void> {
  for (const table of [rows, entities, groups]) {
    const { rows: found } = await client.query<{ found: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS found',
      [table],
    );
    if (found[0]?.found === true) await client.query(`ANALYZE ${table}`);
  }
}

/** What readers select by. */
export async function createIndexes(
  client: Queryable,
  table: string,
  indexes: readonly (readonly string[])[] = [],
): Promise<void> {
  for (const columns of indexes) {
    const name = quoted(`${table.slice(1, -1)}_${columns.join('_')}`);
    await client.query(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} (${columns.map(quoted).join(', ')})`);
  }
}

/** Entities that refer to nothing cost it nothing. */
export async function createReferenceIndex(client: Queryable, { entities }: GenerationTables): Promise<void> {
  const name = quoted(`${entities.slice(1, -1)}_refers_to`);
  await client.query(
    `CREATE INDEX IF NOT EXISTS ${name} ON ${entities} USING gin (refers_to) WHERE refers_to <> '{}'`,
  );
}

export async function dropTables(client: Queryable, tables: GenerationTables): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS ${Object.values(tables).join(', ')}`);
}

/**
 * By its own entries, and for entities that have none by their rows ({@link isToldByRows}). Key by key (OFFSET 0 keeps it so):
 * where a table grew since it was last analyzed, the planner would read all of it instead, for every batch.
 */
export async function readLedger(
  client: Queryable,
  { entities, rows: table }: GenerationTables,
  keys: readonly string[],
): Promise<Map<string, Contributed>> {
  const { rows } = await prepared<StoredEntity | StoredRow>(
    client,
    `SELECT k.entity, found.* FROM unnest($1::text[]) AS k(entity), LATERAL (
       SELECT version, NULL AS key, contribution, refers_to, state FROM ${entities} e WHERE e.entity = k.entity
       UNION ALL
       SELECT version, key, NULL, NULL, NULL FROM ${table} r WHERE r.entity = k.entity
         AND NOT EXISTS (SELECT FROM ${entities} e WHERE e.entity = k.entity)
       OFFSET 0) found`,
    [arrayText(keys)],
  );
  const found = new Map<string, Contributed>();
  for (const row of rows)
    found.set(row.entity, row.key === null ? contributedOf(row) : withRow(found.get(row.entity), row));
  return found;
}

/** True when an entity's rows (which all have its version) say all that the ledger would. */
export function isToldByRows({ rows, groups, references, state }: Contributed): boolean {
  return rows.length > 0 && groups.length === 0 && references.length === 0 && state === null;
}

interface StoredEntity {
  readonly entity: string;
  readonly version: string;
  readonly key: null;
  readonly contribution: unknown;
  readonly refers_to: string[];
  readonly state: unknown;
}

/** Of an entity without an entry, one of its rows. */
interface StoredRow {
  readonly entity: string;
  readonly version: string;
  readonly key: string;
}

function withRow(known: Contributed | undefined, { version, key }: StoredRow): Contributed {
  const newest = Math.max(known?.version ?? 0, Number(version));
  return { version: newest, rows: [...(known?.rows ?? []), key], groups: [], references: [], state: null };
}

function contributedOf({ version, contribution, refers_to: references, state }: StoredEntity): Contributed {
  return { ...parseContribution(contribution), version: Number(version), references, state };
}

/** What an entity of a partition contributed. */
export interface LedgerEntry {
  readonly partition: string;
  readonly entity: string;
  readonly contributed: Contributed;
}

export function writeLedger(
  client: Queryable,
  { entities }: GenerationTables,
  entries: readonly LedgerEntry[],
): Promise<unknown>[] {
  const told = entries.filter(({ contributed }) => isToldByRows(contributed));
  const kept = entries.filter(({ contributed }) => !isToldByRows(contributed));
  const writes: Promise<unknown>[] = [];
  if (told.length > 0) writes.push(removeEntries(client, entities, told));
  if (kept.length > 0) writes.push(putEntries(client, entities, kept));
  return writes;
}

function removeEntries(client: Queryable, entities: string, told: readonly LedgerEntry[]): Promise<unknown> {
  return prepared(
    client,
    `DELETE FROM ${entities} WHERE ctid = ANY(ARRAY(
       SELECT found.ctid FROM unnest($1::text[]) AS k(entity),
         LATERAL (SELECT ctid FROM ${entities} e WHERE e.entity = k.entity OFFSET 0) found))`,
    [arrayText(told.map(({ entity }) => entity))],
  );
}

function putEntries(client: Queryable, entities: string, kept: readonly LedgerEntry[]): Promise<unknown> {
  const values = kept.map(({ contributed }) => contributed);
  return prepared(
    client,
    `INSERT INTO ${entities} AS e (entity, version, contribution, partition, refers_to, state)
     SELECT entity, version, contribution, partition, ARRAY(SELECT jsonb_array_elements_text(refers_to)), state
     FROM unnest($1::text[], $2::bigint[], $3::json[], $4::jsonb[], $5::json[], $6::text[])
       AS n(entity, version, contribution, refers_to, state, partition)
     ON CONFLICT (entity) DO UPDATE SET version = excluded.version, contribution = excluded.contribution,
       partition = excluded.partition, refers_to = excluded.refers_to, state = excluded.state
     WHERE e.version <= excluded.version`,
    [
      arrayText(kept.map(({ entity }) => entity)),
      arrayText(values.map(({ version }) => version)),
      arrayText(values.map(contributionText)),
      arrayText(values.map(({ references }) => JSON.stringify(references))),
      arrayText(values.map(({ state }) => (state === null ? null : JSON.stringify(state)))),
      arrayText(kept.map(({ partition }) => partition)),
    ],
  );
}

/** The next entities of a partition, in the order of their keys, that refer to any of these. */
export async function readDependents(
  client: Queryable,
  { entities }: GenerationTables,
  page: { partition: string; references: readonly string[]; after: string; limit: number },
): Promise<string[]> {
  const { rows } = await client.query<{ entity: string }>(
    `SELECT entity FROM ${entities}
     WHERE refers_to && $2::text[] AND refers_to <> '{}' AND partition = $1 AND entity > $3
     ORDER BY entity LIMIT $4`,
    [page.partition, page.references, page.after, page.limit],
  );
  return rows.map(({ entity }) => entity);
}

export function putRows(
  client: Queryable,
  { rows }: GenerationTables,
  { puts, shape }: { puts: readonly Put[]; shape: RowShape },
): Promise<unknown> {
  const columns = shape.columns.map(({ name }) => name);
  const arrays = shape.columns.map(({ type }, place) => `$${place + 4}::${type}[]`);
  const values = puts.map(({ row }) => shape.values(row));
  return prepared(
    client,
    `INSERT INTO ${rows} AS r (entity, key, version, ${columns.join(', ')})
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], ${arrays.join(', ')})
     ON CONFLICT (entity, key) DO UPDATE SET version = excluded.version,
       ${columns.map((name) => `${name} = excluded.${name}`).join(', ')}
     WHERE r.version <= excluded.version`,
    [...identity(puts), ...columns.map((_, place) => arrayText(values.map((row) => row[place] ?? null)))],
  );
}

export async function removeRows(
  client: Queryable,
  { rows }: GenerationTables,
  removals: readonly Removal[],
): Promise<void> {
  await prepared(
    client,
    `DELETE FROM ${rows} r USING unnest($1::text[], $2::text[], $3::bigint[]) AS gone(entity, key, version)
     WHERE r.entity = gone.entity AND r.key = gone.key AND r.version <= gone.version`,
    identity(removals),
  );
}

function identity(changes: readonly (Put | Removal)[]): string[] {
  return [
    arrayText(changes.map(({ entity }) => entity)),
    arrayText(changes.map(({ key }) => key)),
    arrayText(changes.map(({ version }) => version)),
  ];
}
