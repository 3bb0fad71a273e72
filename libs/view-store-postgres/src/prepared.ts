import type { PoolClient, QueryResult, QueryResultRow } from 'pg';

export type Queryable = Pick<PoolClient, 'query'>;

/** Names of statements by their texts, which name the tables: a few for each generation that this process had to do with. */
const names = new Map<string, string>();

/** A statement that each connection parses and plans once, instead of every time; see `feeding` of the pools. */
export function prepared<Selected extends QueryResultRow>(
  client: Queryable,
  text: string,
  values: readonly unknown[] = [],
): Promise<QueryResult<Selected>> {
  const name = names.get(text) ?? `view_store_${names.size}`;
  names.set(text, name);
  return client.query<Selected>({ name, text, values: [...values] });
}
