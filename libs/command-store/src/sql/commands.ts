import { prepared, type Queryable } from './queryable.js';

export interface CommandRow {
  readonly commandId: string;
  readonly outcome: unknown;
  /** Of what was asked; undefined for a command of an earlier version of this code. */
  readonly fingerprint: string | undefined;
  /** The operation that its first execution was, if it was one and is still known. */
  readonly operationId: string | undefined;
}

export async function readCommands(client: Queryable, commandIds: readonly string[]): Promise<CommandRow[]> {
  const { rows } = await prepared<{
    commandId: string;
    outcome: unknown;
    fingerprint: string | null;
    operationId: string | null;
  }>(
    client,
    `SELECT c.command_id AS "commandId", c.outcome, c.fingerprint, o.id AS "operationId"
     FROM command c LEFT JOIN operation o ON o.id = c.operation_id WHERE c.command_id = ANY($1::text[])`,
    [commandIds],
  );
  return rows.map(({ fingerprint, operationId, ...row }) => ({
    ...row,
    fingerprint: fingerprint ?? undefined,
    operationId: operationId ?? undefined,
  }));
}

/** How many were inserted: fewer than given when another transaction executed one of them in between. */
export async function insertCommands(client: Queryable, rows: readonly CommandRow[]): Promise<number> {
  const result = await prepared(
    client,
    `INSERT INTO command (command_id, outcome, fingerprint, operation_id)
     SELECT * FROM unnest($1::text[], $2::jsonb[], $3::text[], $4::uuid[]) ON CONFLICT DO NOTHING`,
    [
      rows.map(({ commandId }) => commandId),
      rows.map(({ outcome }) => JSON.stringify(outcome)),
      rows.map(({ fingerprint }) => fingerprint ?? null),
      rows.map(({ operationId }) => operationId ?? null),
    ],
  );
  return result.rowCount ?? 0;
}

/** Deletes some that are older than this; how many. */
export async function deleteCommands(
  client: Queryable,
  { olderThanMs, limit }: { readonly olderThanMs: number; readonly limit: number },
): Promise<number> {
  const result = await client.query(
    `DELETE FROM command WHERE command_id IN (
       SELECT command_id FROM command WHERE executed_at < now() - $1 * interval '1 millisecond'
       ORDER BY executed_at LIMIT $2 FOR UPDATE SKIP LOCKED)`,
    [olderThanMs, limit],
  );
  return result.rowCount ?? 0;
}
