import type { LogConnection } from '@reprise/log';
import pg from 'pg';
import type { EntityType } from '../entity.js';
import { enforceRulesOf } from '../enforce-rules.js';
import { commandStoreError } from '../errors.js';
import { forgetRules } from '../sql/claims.js';
import { inTransaction } from '../sql/in-transaction.js';
import { createTables } from '../sql/tables.js';
import type { LogFinding, UnsettledEntity } from './fold-records.js';
import { LogReplay, type ReplayProgress } from './log-replay.js';
import * as sql from './replay-statements.js';

export interface ReplayOptions {
  /** The service's own Postgres database. */
  readonly connectionString: string;
  readonly entities: readonly EntityType<never>[];
  readonly log: LogConnection;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

export interface RecoveryOptions extends ReplayOptions {
  /** Forgets what an interrupted recovery has read. Default: goes on with it. */
  readonly anew?: boolean;
}

/** What the log told. Of findings and unsettled entities the first {@link shownMost}. */
export interface ReplayReport {
  readonly streams: readonly StreamReport[];
  readonly topics: readonly TopicReport[];
  readonly findings: { readonly total: number; readonly first: readonly LogFinding[] };
  readonly unsettled: { readonly total: number; readonly first: readonly UnsettledEntity[] };
}

export interface StreamReport {
  readonly stream: string;
  readonly entities: number;
  /** Of these, deleted ones that the log still tells of. */
  readonly gone: number;
}

export interface TopicReport {
  readonly topic: string;
  readonly records: number;
  /** Records that compaction has taken away: nobody knows which entities they told of. */
  readonly taken: number;
}

export const shownMost = 100;
const schema = 'reprise_recovery';

/**
 * Rebuilds an empty write store from the topics: every entity with its newest state and version, also of deleted ones that
 * the log still tells of. It is built beside the store's tables and put in their place at the end, in one transaction: the
 * store is empty, or whole. An interrupted recovery goes on where it was.
 *
 * What is not in the log cannot come back: command ids, events that no relay had published, and the versions of entities
 * whose tombstones compaction has taken away.
 *
 * @throws CodedError `store-not-empty`; `recovery-runs` beside another one; `log-unsettled` when the newest state of an
 * entity cannot be read; `log-shorter` when the log lost what was read of it; `rule-violated` when two entities of the log claim
 * the same.
 */
export async function recoverStore(options: RecoveryOptions): Promise<ReplayReport> {
  const pool = openPool(options.connectionString);
  const replay = new LogReplay({ ...options, pool, schema });
  const owner = await pool.connect();
  try {
    if (!(await sql.lockReplay(owner, schema)))
      throw commandStoreError('recovery-runs', 'this write store is being recovered already');
    await createTables(pool);
    await requireEmpty(owner);
    if (options.anew) await sql.dropSchema(owner, schema);
    await sql.createSchema(owner, schema);
    // Until nothing more has come meanwhile: a relay may have been at work still.
    while (await replay.readOn());
    return await adopt(pool, options.entities);
  } finally {
    await replay.stop();
    await leave(pool, owner);
  }
}

/** The lock is given back, also when the session is broken: then it went with it. */
export async function leave(pool: pg.Pool, owner: pg.PoolClient): Promise<void> {
  await sql.unlockReplay(owner).catch(() => undefined);
  owner.release(true);
  await pool.end();
}

async function adopt(pool: pg.Pool, entities: readonly EntityType<never>[]): Promise<ReplayReport> {
  return inTransaction(pool, async (client) => {
    const report = await reportOf(client, schema);
    const unreadable = report.unsettled.first.filter(({ kind }) => kind === 'unreadable');
    if (unreadable.length > 0) {
      const keys = unreadable.map(({ stream, key, version }) => `${stream} ${key} version ${version}`);
      throw commandStoreError(
        'log-unsettled',
        `the newest state cannot be read of ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ' …' : ''}`,
      );
    }
    await sql.lockStore(client);
    await requireEmpty(client);
    await sql.adoptEntities(client, schema);
    // A service that met the empty store has put its rules into force already, over nothing.
    await forgetRules(client);
    for (const entity of entities) await enforceRulesOf(client, entity);
    await sql.dropSchema(client, schema);
    return report;
  });
}

export async function reportOf(client: pg.PoolClient, of: string): Promise<ReplayReport> {
  return {
    streams: await sql.countEntities(client, of),
    topics: await sql.readTopics(client, of),
    findings: await sql.readFindings(client, of, shownMost),
    unsettled: await sql.readUnsettled(client, of, shownMost),
  };
}

async function requireEmpty(client: pg.PoolClient): Promise<void> {
  const filled = await sql.filledTables(client);
  if (filled.length === 0) return;
  throw commandStoreError(
    'store-not-empty',
    `the write store is not empty (${filled.join(', ')}): only an empty one is recovered; stop what writes to it`,
  );
}

export function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 3 });
  // One that breaks fails its statement; the event alone must not end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}
