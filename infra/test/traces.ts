import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';

/** Where a text is found, engine by engine: how many places hold it. */
export interface Traces {
  readonly files: readonly string[];
  /** `database.table: rows`. */
  readonly postgres: readonly string[];
  readonly redis: readonly string[];
  readonly elasticsearch: readonly string[];
}

export interface Places {
  /** Folders whose files are searched byte by byte. */
  readonly folders: readonly string[];
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly elasticsearchUrl: string;
}

/** Every place that holds one of the texts. */
export async function tracesOf(texts: readonly string[], places: Places): Promise<Traces> {
  const [files, postgres, redis, elasticsearch] = await Promise.all([
    inFiles(texts, places.folders),
    inPostgres(texts, places.postgresUrl),
    inRedis(texts, places.redisUrl),
    inElasticsearch(texts, places.elasticsearchUrl),
  ]);
  return { files, postgres, redis, elasticsearch };
}

export async function inFiles(texts: readonly string[], folders: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders)
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) continue;
      // A segment may be deleted between the listing and the reading.
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      if (texts.some((text) => bytes.includes(text))) found.push(path.slice(folder.length + 1));
    }
  return found;
}

async function inPostgres(texts: readonly string[], url: string): Promise<string[]> {
  const found: string[] = [];
  for (const database of await databases(url))
    for (const table of await inDatabase(texts, at(url, database))) found.push(`${database}.${table}`);
  return found;
}

/** Takes dead rows out of all files, and what statistics remember of them. */
export async function vacuumPostgres(url: string): Promise<void> {
  for (const database of await databases(url))
    await withSession(at(url, database), async (client) => {
      await client.query('VACUUM (FULL, ANALYZE)');
      await client.query('CHECKPOINT');
    });
}

async function inDatabase(texts: readonly string[], url: string): Promise<string[]> {
  return withSession(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ count: string }>(
        `SELECT count(*) FROM ${name} AS each
         WHERE EXISTS (SELECT FROM unnest($1::text[]) AS text WHERE position(text IN each::text) > 0)`,
        [[...texts, ...texts.map((text) => Buffer.from(text).toString('hex'))]],
      );
      if (rows[0]?.count !== '0') found.push(`${name}: ${rows[0]?.count}`);
    }
    return found;
  });
}

async function databases(url: string): Promise<string[]> {
  return withSession(url, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate',
    );
    return rows.map(({ datname }) => datname);
  });
}

function at(url: string, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

async function withSession<Result>(
  connectionString: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function inRedis(texts: readonly string[], url: string): Promise<string[]> {
  const redis = new Redis(url);
  try {
    const found: string[] = [];
    for await (const keys of redis.scanStream({ count: 1_000 }))
      for (const key of Array.isArray(keys) ? keys.map(String) : []) {
        const held = JSON.stringify([key, await contentOf(redis, key)]);
        if (texts.some((text) => held.includes(text))) found.push(key);
      }
    return found;
  } finally {
    redis.disconnect();
  }
}

/** Writes its file anew, by what it holds now. */
export async function rewriteRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  try {
    await redis.bgrewriteaof();
    while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info('persistence')));
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'hash':
      return redis.hgetall(key);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'list':
      return redis.lrange(key, 0, -1);
    default:
      return redis.get(key);
  }
}

/** Merges segments, until they hold no document that was deleted or replaced. */
export async function mergeElasticsearch(url: string): Promise<void> {
  for (const step of ['_flush?force=true', '_forcemerge?max_num_segments=1', '_flush?force=true'])
    await (await fetch(`${url}/_all/${step}&expand_wildcards=all`, { method: 'POST' })).arrayBuffer();
}

/** Everything that can be read back. What a segment keeps of deleted documents goes when it is merged. */
async function inElasticsearch(texts: readonly string[], url: string): Promise<string[]> {
  await fetch(`${url}/_refresh`, { method: 'POST' });
  const answer = await fetch(`${url}/_all/_search?expand_wildcards=all&size=10000`);
  const body = JSON.stringify(await answer.json());
  const hits = body.split('"_index":').slice(1);
  return hits.filter((hit) => texts.some((text) => hit.includes(text))).map((hit) => hit.slice(0, 80));
}
