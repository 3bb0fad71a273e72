import type { PoolClient, QueryResult, QueryResultRow } from 'pg';

/** A session or a pool. One function a statement; parameters are always bound. */
export type Queryable = Pick<PoolClient, 'query'>;

const names = new Map<string, string>();

/**
 * A statement that each session parses and plans once, instead of every time: parsing and planning takes longer than most of
 * them run. For sessions that {@link seekOnly}: a plan that is kept must not be one for a table that was small.
 */
export function prepared<Selected extends QueryResultRow>(
  client: Queryable,
  text: string,
  values: readonly unknown[],
): Promise<QueryResult<Selected>> {
  const name = names.get(text) ?? `command_store_${names.size}`;
  names.set(text, name);
  return client.query<Selected>({ name, text, values: [...values] });
}

/**
 * Rows are looked for by their keys wherever there is an index, in this session, whatever statistics say: the planner takes the
 * outbox for empty, which it mostly is, and would read all the dead rows in it, again and again.
 */
export async function seekOnly(client: Queryable): Promise<void> {
  await client.query('SET enable_seqscan = off');
}

/** One array a column, for `unnest`. */
export function columns<Row>(rows: readonly Row[], names: readonly (keyof Row)[]): unknown[][] {
  return names.map((name) => rows.map((row) => row[name]));
}
