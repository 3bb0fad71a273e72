import type { CallbackState } from './callbacks.js';
import { prepared, type Queryable } from './queryable.js';

export interface NewOperation {
  readonly id: string;
  readonly stream: string;
  readonly key: string;
  readonly actor: string;
  readonly correlationId: string;
  readonly outcome: unknown;
  /** Outbox ids of what has to be published. */
  readonly records: readonly string[];
}

export interface OperationRow extends NewOperation {
  readonly askedAt: Date;
  /** As it was told or, later, found out; null as long as nobody knows that it is published. */
  readonly position: string | null;
  /** Null when nobody asked to be called back. */
  readonly callbackState: CallbackState | null;
  readonly callbackAttempts: number | null;
  readonly callbackFailure: string | null;
}

export async function insertOperations(
  client: Queryable,
  operations: readonly NewOperation[],
): Promise<void> {
  await prepared(
    client,
    `INSERT INTO operation (id, stream, key, actor, correlation_id, outcome, records)
     SELECT id, stream, key, actor, correlation_id, outcome, ARRAY(SELECT jsonb_array_elements_text(records)::bigint)
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::jsonb[])
       AS n(id, stream, key, actor, correlation_id, outcome, records)`,
    [
      operations.map(({ id }) => id),
      operations.map(({ stream }) => stream),
      operations.map(({ key }) => key),
      operations.map(({ actor }) => actor),
      operations.map(({ correlationId }) => correlationId),
      operations.map(({ outcome }) => JSON.stringify(outcome)),
      operations.map(({ records }) => JSON.stringify(records)),
    ],
  );
}

export async function readOperation(client: Queryable, id: string): Promise<OperationRow | undefined> {
  const { rows } = await client.query<OperationRow>(
    `SELECT o.id, o.stream, o.key, o.actor, o.correlation_id AS "correlationId", o.asked_at AS "askedAt", o.outcome,
       o.records, o.position, c.state AS "callbackState", c.attempts AS "callbackAttempts",
       c.last_failure AS "callbackFailure"
     FROM operation o LEFT JOIN callback c ON c.operation_id = o.id WHERE o.id = $1`,
    [id],
  );
  return rows[0];
}

/** Keeps the first position that is told. */
export async function settleOperation(
  client: Queryable,
  { id, position }: { readonly id: string; readonly position: string },
): Promise<OperationRow | undefined> {
  await client.query('UPDATE operation SET position = $2 WHERE id = $1 AND position IS NULL', [id, position]);
  return readOperation(client, id);
}

/** Deletes some that are older than this, published, and told to whoever asked for it; how many. */
export async function deleteOperations(
  client: Queryable,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<number> {
  const result = await client.query(
    `DELETE FROM operation WHERE id IN (
       SELECT o.id FROM operation o
       WHERE o.asked_at < now() - $1 * interval '1 millisecond'
         AND NOT EXISTS (SELECT FROM outbox WHERE outbox.id = ANY(o.records))
         AND NOT EXISTS (SELECT FROM callback c WHERE c.operation_id = o.id AND c.state = 'waiting')
       ORDER BY o.asked_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [olderThanMs, limit],
  );
  return result.rowCount ?? 0;
}
