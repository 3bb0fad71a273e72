import type { Queryable } from './queryable.js';

/** `waiting` for its operation or for the next attempt; `delivered`, or `failed` for good. */
export type CallbackState = 'waiting' | 'delivered' | 'failed';

export interface DueCallback {
  readonly operationId: string;
  readonly url: string;
  /** Attempts so far. */
  readonly attempts: number;
}

/** The first address that is given for an operation counts. */
export async function insertCallback(
  client: Queryable,
  { operationId, url }: { readonly operationId: string; readonly url: string },
): Promise<void> {
  await client.query('INSERT INTO callback (operation_id, url) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    operationId,
    url,
  ]);
}

/**
 * Some whose operations are published and whose time has come. They are taken for a while: who dies with them leaves them
 * to the next one, when that is over.
 */
export async function takeDueCallbacks(
  client: Queryable,
  { limit, leaseMs }: { readonly limit: number; readonly leaseMs: number },
): Promise<DueCallback[]> {
  const { rows } = await client.query<DueCallback>(
    `UPDATE callback SET next_attempt_at = now() + $2 * interval '1 millisecond'
     WHERE operation_id IN (
       SELECT c.operation_id FROM callback c JOIN operation o ON o.id = c.operation_id
       WHERE c.state = 'waiting' AND c.next_attempt_at <= now()
         AND NOT EXISTS (SELECT FROM outbox WHERE outbox.id = ANY(o.records))
       ORDER BY c.next_attempt_at LIMIT $1 FOR UPDATE OF c SKIP LOCKED)
     RETURNING operation_id AS "operationId", url, attempts`,
    [limit, leaseMs],
  );
  return rows;
}

/** Counts an attempt that failed: another one after this time, or none any more. */
export async function failCallback(
  client: Queryable,
  failure: {
    readonly operationId: string;
    readonly reason: string;
    /** Undefined: it is given up. */
    readonly againInMs: number | undefined;
  },
): Promise<void> {
  const { operationId, reason, againInMs } = failure;
  await client.query(
    `UPDATE callback SET attempts = attempts + 1, last_failure = $2, state = CASE WHEN $3::float8 IS NULL THEN 'failed' ELSE state END,
       next_attempt_at = now() + coalesce($3::float8, 0) * interval '1 millisecond'
     WHERE operation_id = $1`,
    [operationId, reason, againInMs ?? null],
  );
}

export async function markDelivered(client: Queryable, operationId: string): Promise<void> {
  await client.query(
    `UPDATE callback SET state = 'delivered', attempts = attempts + 1, last_failure = NULL WHERE operation_id = $1`,
    [operationId],
  );
}

/** Without counting an attempt: there is nothing to tell yet. */
export async function postponeCallback(
  client: Queryable,
  { operationId, againInMs }: { readonly operationId: string; readonly againInMs: number },
): Promise<void> {
  await client.query(
    `UPDATE callback SET next_attempt_at = now() + $2 * interval '1 millisecond' WHERE operation_id = $1`,
    [operationId, againInMs],
  );
}
