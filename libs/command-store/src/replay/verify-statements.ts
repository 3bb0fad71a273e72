import type { PoolClient } from 'pg';
import type { EntityAddress } from '../sql/entities.js';

/** One function a statement: the write store's entities beside those that a replay read from the log. */

type Queryable = Pick<PoolClient, 'query'>;

/** An entity that the two do not have alike. Versions null: that side has none of it. State null: gone. */
export interface Unlike extends EntityAddress {
  readonly storeVersion: number | null;
  readonly logVersion: number | null;
  readonly storeState: unknown;
  readonly logState: unknown;
}

export async function createDifferences(client: Queryable, schema: string): Promise<void> {
  await client.query(`CREATE TABLE ${schema}.difference (
    look int NOT NULL, stream text NOT NULL, key text NOT NULL, store_version bigint, log_version bigint,
    PRIMARY KEY (look, stream, key))`);
}

/**
 * The next entities of a stream that are not alike, by their keys. Left out is what waits in the outbox, and what is gone
 * from both: the log forgets tombstones, the store does not.
 */
export async function readUnlike(
  client: Queryable,
  schema: string,
  {
    stream,
    topic,
    after,
    limit,
  }: { stream: string; topic: string; after: string | undefined; limit: number },
): Promise<Unlike[]> {
  const { rows } = await client.query<{
    key: string;
    store_version: string | null;
    log_version: string | null;
    store_state: unknown;
    log_state: unknown;
  }>(
    `SELECT key, s.version AS store_version, l.version AS log_version, s.state AS store_state, l.state AS log_state
     FROM (SELECT * FROM entity WHERE stream = $1) s
     FULL JOIN (SELECT * FROM ${schema}.entity WHERE stream = $1) l USING (key)
     WHERE (s.version IS DISTINCT FROM l.version OR s.state IS DISTINCT FROM l.state)
       AND NOT (s.state IS NULL AND l.version IS NULL)
       AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.topic = $2 AND o.key = coalesce(s.key, l.key))
       AND ($3::text IS NULL OR key > $3)
     ORDER BY key LIMIT $4`,
    [stream, topic, after ?? null, limit],
  );
  return rows.map((row) => ({
    ...{ stream, key: row.key, storeState: row.store_state, logState: row.log_state },
    storeVersion: row.store_version === null ? null : Number(row.store_version),
    logVersion: row.log_version === null ? null : Number(row.log_version),
  }));
}

export async function writeDifferences(
  client: Queryable,
  schema: string,
  { look, found }: { look: number; found: readonly Unlike[] },
): Promise<void> {
  await client.query(
    `INSERT INTO ${schema}.difference (look, stream, key, store_version, log_version)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[])`,
    [
      look,
      found.map(({ stream }) => stream),
      found.map(({ key }) => key),
      found.map(({ storeVersion }) => storeVersion),
      found.map(({ logVersion }) => logVersion),
    ],
  );
}

/** What two looks, one after the other, found alike: nothing that was only on its way. */
export async function readDifferences(
  client: Queryable,
  schema: string,
  { looks: [first, second], limit }: { looks: readonly [number, number]; limit: number },
): Promise<{ readonly total: number; readonly first: Omit<Unlike, 'storeState' | 'logState'>[] }> {
  const { rows } = await client.query<{
    stream: string;
    key: string;
    store_version: string | null;
    log_version: string | null;
    total: string;
  }>(
    `SELECT a.stream, a.key, a.store_version, a.log_version, count(*) OVER () AS total
     FROM ${schema}.difference a JOIN ${schema}.difference b
       ON b.look = $2 AND b.stream = a.stream AND b.key = a.key
       AND b.store_version IS NOT DISTINCT FROM a.store_version
       AND b.log_version IS NOT DISTINCT FROM a.log_version
     WHERE a.look = $1 ORDER BY a.stream, a.key LIMIT $3`,
    [first, second, limit],
  );
  return {
    total: Number(rows[0]?.total ?? 0),
    first: rows.map((row) => ({
      ...{ stream: row.stream, key: row.key },
      storeVersion: row.store_version === null ? null : Number(row.store_version),
      logVersion: row.log_version === null ? null : Number(row.log_version),
    })),
  };
}

export async function countStoreEntities(client: Queryable, streams: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ entities: string }>(
    'SELECT count(*) AS entities FROM entity WHERE stream = ANY($1::text[])',
    [streams],
  );
  return Number(rows[0]?.entities ?? 0);
}
