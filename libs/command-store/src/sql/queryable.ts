import type { PoolClient } from 'pg';

/** A session or a pool. One function a statement; parameters are always bound. */
export type Queryable = Pick<PoolClient, 'query'>;

/** One array a column, for `unnest`. */
export function columns<Row>(rows: readonly Row[], names: readonly (keyof Row)[]): unknown[][] {
  return names.map((name) => rows.map((row) => row[name]));
}
