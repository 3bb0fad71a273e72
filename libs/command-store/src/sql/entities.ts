import { columns, prepared, type Queryable } from './queryable.js';

/** Entities are addressed by (stream, key). */
export interface EntityAddress {
  readonly stream: string;
  readonly key: string;
}

export interface EntityRow extends EntityAddress {
  readonly version: number;
  /** Null: the entity was deleted; its version is kept, so that it goes on from there. */
  readonly state: unknown;
}

/** With the outbox ids of its newest record in each of its topics. */
export interface StoredEntityRow extends EntityRow {
  readonly records: readonly string[];
}

/** The entities of these addresses, locked until the transaction ends, in one order for all so that none wait in a ring. */
export async function lockEntities(
  client: Queryable,
  addresses: readonly EntityAddress[],
): Promise<StoredEntityRow[]> {
  const { rows } = await prepared<{
    stream: string;
    key: string;
    version: string;
    state: unknown;
    records: string[];
  }>(
    client,
    `SELECT e.stream, e.key, e.version, e.state, e.records FROM entity e
     JOIN unnest($1::text[], $2::text[]) AS wanted(stream, key) ON e.stream = wanted.stream AND e.key = wanted.key
     ORDER BY e.stream, e.key FOR UPDATE OF e`,
    columns(addresses, ['stream', 'key']),
  );
  return rows.map((row) => ({ ...row, version: Number(row.version) }));
}

export async function readEntity(
  client: Queryable,
  { stream, key }: EntityAddress,
): Promise<EntityRow | undefined> {
  const { rows } = await client.query<{ version: string; state: unknown }>(
    'SELECT version, state FROM entity WHERE stream = $1 AND key = $2',
    [stream, key],
  );
  const found = rows[0];
  return found && { stream, key, version: Number(found.version), state: found.state };
}

/** How many were inserted: fewer than given when another transaction made one of them in between. */
export async function insertEntities(client: Queryable, rows: readonly StoredEntityRow[]): Promise<number> {
  const result = await prepared(
    client,
    `INSERT INTO entity (stream, key, version, state, records)
     SELECT n.stream, n.key, n.version, n.state, n.records::bigint[]
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[], $5::text[])
       AS n(stream, key, version, state, records)
     ON CONFLICT DO NOTHING`,
    entityColumns(rows),
  );
  return result.rowCount ?? 0;
}

export async function updateEntities(client: Queryable, rows: readonly StoredEntityRow[]): Promise<void> {
  await prepared(
    client,
    `UPDATE entity e SET version = n.version, state = n.state, records = n.records::bigint[]
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[], $5::text[])
       AS n(stream, key, version, state, records)
     WHERE e.stream = n.stream AND e.key = n.key`,
    entityColumns(rows),
  );
}

function entityColumns(rows: readonly StoredEntityRow[]): unknown[] {
  return [
    ...columns(rows, ['stream', 'key', 'version']),
    rows.map(({ state }) => (state === null ? null : JSON.stringify(state))),
    // An array of arrays of different lengths does not exist in SQL: each is sent as its text.
    rows.map(({ records }) => `{${records.join(',')}}`),
  ];
}
