import { prepared, type Queryable } from './queryable.js';

export interface OutboxRow {
  readonly topic: string;
  readonly key: string;
  /** Version of the event, in a history. */
  readonly event?: number | undefined;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredOutboxRow extends OutboxRow {
  readonly id: string;
}

/** Wakes the relay. */
export const outboxChannel = 'reprise_outbox';
/** Tells where records landed, to whoever waits for them. */
export const publishedChannel = 'reprise_published';

/** Ids of rows to come, growing. One that is not used is never given again. */
export async function reserveOutbox(client: Queryable, count: number): Promise<string[]> {
  const { rows } = await prepared<{ id: string }>(
    client,
    "SELECT nextval(pg_get_serial_sequence('outbox', 'id')) AS id FROM generate_series(1, $1::int)",
    [count],
  );
  return rows.map(({ id }) => id);
}

/** Wakes the relay when the transaction commits. */
export async function insertOutbox(client: Queryable, rows: readonly StoredOutboxRow[]): Promise<void> {
  await prepared(
    client,
    `WITH stored AS (
       INSERT INTO outbox (id, topic, key, event, value, headers) OVERRIDING SYSTEM VALUE
       SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bytea[], $6::jsonb[]))
     SELECT pg_notify('${outboxChannel}', '')`,
    [
      rows.map(({ id }) => id),
      rows.map(({ topic }) => topic),
      rows.map(({ key }) => key),
      rows.map(({ event }) => event ?? null),
      rows.map(({ value }) => value),
      rows.map(({ headers }) => JSON.stringify(headers)),
    ],
  );
}

export async function oldestOutbox(client: Queryable, limit: number): Promise<StoredOutboxRow[]> {
  const { rows } = await prepared<Omit<StoredOutboxRow, 'event'> & { event: string | null }>(
    client,
    'SELECT id, topic, key, event, value, headers FROM outbox ORDER BY id LIMIT $1',
    [limit],
  );
  return rows.map((row) => ({ ...row, event: row.event === null ? undefined : Number(row.event) }));
}

/** Deletes the rows and, in the same transaction, tells the messages. */
export async function deleteOutbox(
  client: Queryable,
  { ids, messages }: { readonly ids: readonly string[]; readonly messages: readonly string[] },
): Promise<void> {
  await prepared(
    client,
    `WITH deleted AS (DELETE FROM outbox WHERE id = ANY($1::bigint[]))
     SELECT pg_notify('${publishedChannel}', message) FROM unnest($2::text[]) AS message`,
    [ids, messages],
  );
}

/** Those of the rows that are still there. */
export async function presentInOutbox(client: Queryable, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM outbox WHERE id = ANY($1::bigint[])', [
    ids,
  ]);
  return new Set(rows.map(({ id }) => id));
}

/** Undefined when the outbox is empty. */
export async function newestInOutbox(client: Queryable): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM outbox ORDER BY id DESC LIMIT 1');
  return rows[0]?.id;
}

/** True when no row up to this one is there any more. */
export async function isOutboxEmptyUpTo(client: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await client.query('SELECT 1 FROM outbox WHERE id <= $1 LIMIT 1', [id]);
  return rowCount === 0;
}

export async function measureOutbox(
  client: Queryable,
): Promise<{ readonly depth: number; readonly oldestAgeMs: number | undefined }> {
  const { rows } = await client.query<{ depth: string; age_ms: string | null }>(
    `SELECT count(*) AS depth, extract(epoch FROM clock_timestamp() - min(stored_at)) * 1000 AS age_ms FROM outbox`,
  );
  const ageMs = rows[0]?.age_ms ?? null;
  return {
    depth: Number(rows[0]?.depth ?? 0),
    oldestAgeMs: ageMs === null ? undefined : Math.max(0, Math.round(Number(ageMs))),
  };
}

/** True when this session now is the one that publishes; held until the session ends. */
export async function lockRelay(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_lock(hashtext('reprise_outbox_relay')) AS locked",
  );
  return rows[0]?.locked === true;
}

/** Names the relay of this database, the same on every server that it is ever on. */
export async function nameOfRelay(client: Queryable): Promise<string> {
  const { rows } = await client.query<{ cluster: string; database: string }>(
    `SELECT system_identifier AS cluster, oid AS database FROM pg_control_system(), pg_database
     WHERE datname = current_database()`,
  );
  const [found] = rows;
  if (!found) throw new RangeError('the database does not know itself');
  return `reprise-relay-${found.cluster}-${found.database}`;
}

/** The server ends this session, and with it its lock, half a minute after its host vanished; else it took hours. */
export async function endSoonWhenPeerIsGone(client: Queryable): Promise<void> {
  await client.query(
    'SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3',
  );
}
