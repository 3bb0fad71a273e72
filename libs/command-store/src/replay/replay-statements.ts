import type { PoolClient } from 'pg';
import type { EntityRow } from '../sql/entities.js';
import type { LogFinding, UnsettledEntity } from './fold-records.js';

/** One function a statement, over the tables of one replay, which have a schema of their own. */

type Queryable = Pick<PoolClient, 'query'>;

/** How far a partition was read. */
export interface ReplayedPartition {
  readonly nextOffset: bigint;
  readonly recordsRead: number;
}

export async function dropSchema(client: Queryable, schema: string): Promise<void> {
  await client.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
}

export async function createSchema(client: Queryable, schema: string): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  // As the write store's own, which it may take the place of.
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.entity (LIKE entity INCLUDING ALL)`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.unsettled (
    stream text NOT NULL, key text NOT NULL, kind text NOT NULL, version bigint NOT NULL,
    PRIMARY KEY (stream, key))`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.met (
    topic text NOT NULL, key text NOT NULL, version bigint NOT NULL, PRIMARY KEY (topic, key))`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.finding (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, partition text NOT NULL,
    key text NOT NULL, before bigint NOT NULL, found bigint NOT NULL)`);
  await client.query(`CREATE TABLE IF NOT EXISTS ${schema}.progress (
    partition text PRIMARY KEY, next_offset bigint NOT NULL, records_read bigint NOT NULL)`);
}

/** The newest version met of each of these keys in a topic. */
export async function readMet(
  client: Queryable,
  schema: string,
  { topic, keys }: { topic: string; keys: readonly string[] },
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ key: string; version: string }>(
    `SELECT key, version FROM ${schema}.met WHERE topic = $1 AND key = ANY($2::text[])`,
    [topic, keys],
  );
  return new Map(rows.map(({ key, version }) => [key, Number(version)]));
}

export async function writeMet(
  client: Queryable,
  schema: string,
  { topic, versions }: { topic: string; versions: ReadonlyMap<string, number> },
): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.met (topic, key, version)
     SELECT $1, key, version FROM unnest($2::text[], $3::bigint[]) AS n(key, version)
     ON CONFLICT (topic, key) DO UPDATE SET version = excluded.version WHERE met.version < excluded.version`,
    [topic, [...versions.keys()], [...versions.values()]],
  );
}

/** The newest state wins, in whatever order they come. */
export async function writeEntities(
  client: Queryable,
  schema: string,
  rows: readonly EntityRow[],
): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.entity (stream, key, version, state)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[])
     ON CONFLICT (stream, key) DO UPDATE SET version = excluded.version, state = excluded.state
     WHERE entity.version <= excluded.version`,
    [
      rows.map(({ stream }) => stream),
      rows.map(({ key }) => key),
      rows.map(({ version }) => version),
      rows.map(({ state }) => (state === null ? null : JSON.stringify(state))),
    ],
  );
}

/** `settled`: of these keys the newest record is as it should be. */
export async function writeUnsettled(
  client: Queryable,
  schema: string,
  {
    stream,
    settled,
    unsettled,
  }: {
    stream: string;
    settled: readonly string[];
    unsettled: readonly UnsettledEntity[];
  },
): Promise<void> {
  await client.query(`DELETE FROM ${schema}.unsettled WHERE stream = $1 AND key = ANY($2::text[])`, [
    stream,
    settled,
  ]);
  await client.query(
    `INSERT INTO ${schema}.unsettled (stream, key, kind, version)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
     ON CONFLICT (stream, key) DO UPDATE SET kind = excluded.kind, version = excluded.version`,
    [
      unsettled.map((one) => one.stream),
      unsettled.map(({ key }) => key),
      unsettled.map(({ kind }) => kind),
      unsettled.map(({ version }) => version),
    ],
  );
}

export async function writeFindings(
  client: Queryable,
  schema: string,
  findings: readonly LogFinding[],
): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.finding (kind, partition, key, before, found)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])`,
    [
      findings.map(({ kind }) => kind),
      findings.map(({ partition }) => partition),
      findings.map(({ key }) => key),
      findings.map(({ before }) => before),
      findings.map(({ found }) => found),
    ],
  );
}

export async function readProgress(
  client: Queryable,
  schema: string,
): Promise<Map<string, ReplayedPartition>> {
  const { rows } = await client.query<{ partition: string; next_offset: string; records_read: string }>(
    `SELECT partition, next_offset, records_read FROM ${schema}.progress`,
  );
  return new Map(
    rows.map((row) => [
      row.partition,
      { nextOffset: BigInt(row.next_offset), recordsRead: Number(row.records_read) },
    ]),
  );
}

/** What was read of each topic; `taken`: offsets without a record, which compaction has emptied. */
export async function readTopics(
  client: Queryable,
  schema: string,
): Promise<{ readonly topic: string; readonly records: number; readonly taken: number }[]> {
  const { rows } = await client.query<{ topic: string; records: string; taken: string }>(
    `SELECT regexp_replace(partition, '/[0-9]+$', '') AS topic, sum(records_read) AS records,
       sum(next_offset - records_read) AS taken
     FROM ${schema}.progress GROUP BY 1 ORDER BY 1`,
  );
  return rows.map(({ topic, records, taken }) => ({
    topic,
    records: Number(records),
    taken: Number(taken),
  }));
}

export async function writeProgress(
  client: Queryable,
  schema: string,
  { partition, nextOffset, recordsRead }: ReplayedPartition & { partition: string },
): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.progress VALUES ($1, $2, $3)
     ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset, records_read = excluded.records_read`,
    [partition, String(nextOffset), recordsRead],
  );
}

/** How many entities of each stream there are, and how many of these are gone. */
export async function countEntities(
  client: Queryable,
  schema: string,
): Promise<{ readonly stream: string; readonly entities: number; readonly gone: number }[]> {
  const { rows } = await client.query<{ stream: string; entities: string; gone: string }>(
    `SELECT stream, count(*) AS entities, count(*) FILTER (WHERE state IS NULL) AS gone
     FROM ${schema}.entity GROUP BY stream ORDER BY stream`,
  );
  return rows.map(({ stream, entities, gone }) => ({
    stream,
    entities: Number(entities),
    gone: Number(gone),
  }));
}

export async function readFindings(
  client: Queryable,
  schema: string,
  limit: number,
): Promise<{ readonly total: number; readonly first: LogFinding[] }> {
  const { rows } = await client.query<Record<keyof LogFinding, string> & { total: string }>(
    `SELECT kind, partition, key, before, found, count(*) OVER () AS total
     FROM ${schema}.finding ORDER BY id LIMIT $1`,
    [limit],
  );
  const first = rows.map(({ kind, partition, key, before, found }) => ({
    kind: kind === 'gap' ? ('gap' as const) : ('unreadable' as const),
    ...{ partition, key, before: Number(before), found: Number(found) },
  }));
  return { total: Number(rows[0]?.total ?? 0), first };
}

/** But for those whose newest state another topic told. */
export async function readUnsettled(
  client: Queryable,
  schema: string,
  limit: number,
): Promise<{ readonly total: number; readonly first: UnsettledEntity[] }> {
  const { rows } = await client.query<Record<keyof UnsettledEntity, string> & { total: string }>(
    `SELECT stream, key, kind, version, count(*) OVER () AS total FROM ${schema}.unsettled u
     WHERE kind = 'backwards' OR version > coalesce(
       (SELECT e.version FROM ${schema}.entity e WHERE e.stream = u.stream AND e.key = u.key), 0)
     ORDER BY kind DESC, stream, key LIMIT $1`,
    [limit],
  );
  const first = rows.map(({ stream, key, kind, version }) => ({
    ...{ stream, key, version: Number(version) },
    kind: kind === 'backwards' ? ('backwards' as const) : ('unreadable' as const),
  }));
  return { total: Number(rows[0]?.total ?? 0), first };
}

/** True when this session has it now; held until it is given back, or the session ends. */
export async function lockReplay(client: Queryable, schema: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    'SELECT pg_try_advisory_lock(hashtext($1)) AS locked',
    [schema],
  );
  return rows[0]?.locked === true;
}

/** At once, where the end of the session would do it a moment later. */
export async function unlockReplay(client: Queryable): Promise<void> {
  await client.query('SELECT pg_advisory_unlock_all()');
}

/** Names of the write store's tables that hold rows. */
export async function filledTables(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT 'entity' AS name WHERE EXISTS (SELECT 1 FROM entity)
     UNION ALL SELECT 'command' WHERE EXISTS (SELECT 1 FROM command)
     UNION ALL SELECT 'outbox' WHERE EXISTS (SELECT 1 FROM outbox)`,
  );
  return rows.map(({ name }) => name);
}

/** Nobody writes to the write store until the transaction ends. */
export async function lockStore(client: Queryable): Promise<void> {
  await client.query('LOCK TABLE entity, command, outbox IN ACCESS EXCLUSIVE MODE');
}

/** The replayed entities become those of the (empty) write store. */
export async function adoptEntities(client: Queryable, schema: string): Promise<void> {
  await client.query('DROP TABLE entity');
  // Where the other tables of the store are.
  const { rows } = await client.query<{ home: string }>('SELECT quote_ident(current_schema()) AS home');
  await client.query(`ALTER TABLE ${schema}.entity SET SCHEMA ${rows[0]?.home ?? 'public'}`);
}
