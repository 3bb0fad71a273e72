import { createHash } from 'node:crypto';
import type { PoolClient, QueryResult, QueryResultRow } from 'pg';

export type Queryable = Pick<PoolClient, 'query'>;

/** Names of statements by their texts, which name the tables: a few for each generation that this process had to do with. */
const names = new Map<string, string>();

/**
 * A statement that is parsed and planned once for each connection, instead of every time: for those whose plan is the same
 * whatever their tables hold. One that could be answered by an index or by reading all would keep the plan of an empty table.
 */
export function prepared<Selected extends QueryResultRow>(
  client: Queryable,
  text: string,
  values: readonly unknown[] = [],
): Promise<QueryResult<Selected>> {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash('md5').update(text).digest('hex');
    names.set(text, name);
  }
  return client.query<Selected>({ name, text, values: [...values] });
}
