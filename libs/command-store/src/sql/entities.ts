import type { Pool, PoolClient } from 'pg';

/** One function a statement. Entities are addressed by (stream, key). */
export interface EntityAddress {
  readonly stream: string;
  readonly key: string;
}

export interface EntityRow extends EntityAddress {
  readonly version: number;
  /** Null: the entity was deleted; its version is kept, so that it goes on from there. */
  readonly state: unknown;
}

export interface OutboxRow {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredOutboxRow extends OutboxRow {
  readonly id: string;
}

export interface CommandRow {
  readonly commandId: string;
  readonly outcome: unknown;
}

type Queryable = Pick<PoolClient, 'query'>;

export const outboxChannel = 'reprise_outbox';

export async function createTables(pool: Pool): Promise<void> {
  // One session at a time: concurrent CREATE … IF NOT EXISTS can still collide.
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtext('reprise_command_store'))");
    await client.query(`CREATE TABLE IF NOT EXISTS entity (
      stream text NOT NULL, key text NOT NULL, version bigint NOT NULL, state jsonb,
      PRIMARY KEY (stream, key))`);
    await client.query(`CREATE TABLE IF NOT EXISTS command (
      command_id text PRIMARY KEY, outcome jsonb NOT NULL, executed_at timestamptz NOT NULL DEFAULT now())`);
    await client.query(`CREATE TABLE IF NOT EXISTS outbox (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      topic text NOT NULL, key text NOT NULL, value bytea, headers jsonb NOT NULL)`);
    // A queue: most of its rows are dead soon, so it is vacuumed early and often.
    await client.query(
      'ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 5000)',
    );
    await client.query('COMMIT');
  } catch (failure) {
    await client.query('ROLLBACK');
    throw failure;
  } finally {
    client.release();
  }
}

/** The entities of these addresses, locked until the transaction ends, in one order for all so that none wait in a ring. */
export async function lockEntities(
  client: Queryable,
  addresses: readonly EntityAddress[],
): Promise<EntityRow[]> {
  const { rows } = await client.query<{ stream: string; key: string; version: string; state: unknown }>(
    `SELECT e.stream, e.key, e.version, e.state FROM entity e
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
export async function insertEntities(client: Queryable, rows: readonly EntityRow[]): Promise<number> {
  const result = await client.query(
    `INSERT INTO entity (stream, key, version, state)
     SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[])
     ON CONFLICT DO NOTHING`,
    entityColumns(rows),
  );
  return result.rowCount ?? 0;
}

export async function updateEntities(client: Queryable, rows: readonly EntityRow[]): Promise<void> {
  await client.query(
    `UPDATE entity e SET version = n.version, state = n.state
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::jsonb[]) AS n(stream, key, version, state)
     WHERE e.stream = n.stream AND e.key = n.key`,
    entityColumns(rows),
  );
}

export async function readCommands(client: Queryable, commandIds: readonly string[]): Promise<CommandRow[]> {
  const { rows } = await client.query<{ command_id: string; outcome: unknown }>(
    'SELECT command_id, outcome FROM command WHERE command_id = ANY($1::text[])',
    [commandIds],
  );
  return rows.map(({ command_id: commandId, outcome }) => ({ commandId, outcome }));
}

/** How many were inserted: fewer than given when another transaction executed one of them in between. */
export async function insertCommands(client: Queryable, rows: readonly CommandRow[]): Promise<number> {
  const result = await client.query(
    `INSERT INTO command (command_id, outcome) SELECT * FROM unnest($1::text[], $2::jsonb[]) ON CONFLICT DO NOTHING`,
    [rows.map(({ commandId }) => commandId), rows.map(({ outcome }) => JSON.stringify(outcome))],
  );
  return result.rowCount ?? 0;
}

/** In the order given: ids grow along it. Wakes the relay when the transaction commits. */
export async function insertOutbox(client: Queryable, rows: readonly OutboxRow[]): Promise<void> {
  await client.query(
    `INSERT INTO outbox (topic, key, value, headers)
     SELECT topic, key, value, headers
     FROM unnest($1::text[], $2::text[], $3::bytea[], $4::jsonb[]) WITH ORDINALITY AS n(topic, key, value, headers, place)
     ORDER BY place`,
    [
      rows.map(({ topic }) => topic),
      rows.map(({ key }) => key),
      rows.map(({ value }) => value),
      rows.map(({ headers }) => JSON.stringify(headers)),
    ],
  );
  await client.query(`NOTIFY ${outboxChannel}`);
}

export async function oldestOutbox(client: Queryable, limit: number): Promise<StoredOutboxRow[]> {
  const { rows } = await client.query<StoredOutboxRow>(
    'SELECT id, topic, key, value, headers FROM outbox ORDER BY id LIMIT $1',
    [limit],
  );
  return rows;
}

export async function deleteOutbox(client: Queryable, ids: readonly string[]): Promise<void> {
  await client.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [ids]);
}

export async function countOutbox(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ depth: string }>('SELECT count(*) AS depth FROM outbox');
  return Number(rows[0]?.depth ?? 0);
}

/** True when this session now is the one that publishes; held until the session ends. */
export async function lockRelay(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_lock(hashtext('reprise_outbox_relay')) AS locked",
  );
  return rows[0]?.locked === true;
}

function entityColumns(rows: readonly EntityRow[]): unknown[] {
  return [
    ...columns(rows, ['stream', 'key', 'version']),
    rows.map(({ state }) => (state === null ? null : JSON.stringify(state))),
  ];
}

function columns<Row>(rows: readonly Row[], names: readonly (keyof Row)[]): unknown[][] {
  return names.map((name) => rows.map((row) => row[name]));
}
