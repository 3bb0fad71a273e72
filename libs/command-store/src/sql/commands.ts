import type { Queryable } from './queryable.js';

export interface CommandRow {
  readonly commandId: string;
  readonly outcome: unknown;
  /** The operation that its first execution was, if it was one and is still known. */
  readonly operationId: string | undefined;
}

export async function readCommands(client: Queryable, commandIds: readonly string[]): Promise<CommandRow[]> {
  const { rows } = await client.query<{ command_id: string; outcome: unknown; operation_id: string | null }>(
    `SELECT c.command_id, c.outcome, o.id AS operation_id
     FROM command c LEFT JOIN operation o ON o.id = c.operation_id WHERE c.command_id = ANY($1::text[])`,
    [commandIds],
  );
  return rows.map(({ command_id, outcome, operation_id }) => ({
    ...{ commandId: command_id, outcome },
    operationId: operation_id ?? undefined,
  }));
}

/** How many were inserted: fewer than given when another transaction executed one of them in between. */
export async function insertCommands(client: Queryable, rows: readonly CommandRow[]): Promise<number> {
  const result = await client.query(
    `INSERT INTO command (command_id, outcome, operation_id)
     SELECT * FROM unnest($1::text[], $2::jsonb[], $3::uuid[]) ON CONFLICT DO NOTHING`,
    [
      rows.map(({ commandId }) => commandId),
      rows.map(({ outcome }) => JSON.stringify(outcome)),
      rows.map(({ operationId }) => operationId ?? null),
    ],
  );
  return result.rowCount ?? 0;
}
