import type { StreamContract } from '@reprise/contracts';
import { provisionStreams, StreamTail, type LogConnection, type TailRecord } from '@reprise/log';
import { testConnections, uniqueName } from '@reprise/testing';
import pg from 'pg';
import { CommandStore } from '../src/command-store.js';
import type { CommandRequest, EntityType } from '../src/entity.js';
import { Publications, type PublicationsOptions } from '../src/publications.js';
import { tallyContract, tallyEntity, tallyRequests, type Tally, type TallyCommand } from './tally.js';

/** Far more than anything here takes. */
const patienceMs = 15_000;
const { kafkaBrokers: brokers, registryUrl, postgresUrl } = testConnections();

/** A database, a stream and a store of one test file, all its own. */
export interface WriteSide {
  readonly database: string;
  readonly connectionString: string;
  readonly log: LogConnection;
  readonly contract: StreamContract<Tally>;
  readonly entity: EntityType<TallyCommand>;
  readonly requests: ReturnType<typeof tallyRequests>;
  readonly store: CommandStore;
  /** For looking at the database past the store. */
  readonly pool: pg.Pool;
  /** Another process of the same service. Its session that hears is named as given. */
  instance(name: string, options?: Partial<PublicationsOptions>): Promise<CommandStore>;
  /** Ends the sessions of this name, as if the network had. */
  breakSessions(name: string): Promise<void>;
  execute(...requests: readonly CommandRequest[]): ReturnType<CommandStore['execute']>;
  /** Asks again until the answer is true. @throws Error when that takes too long. */
  until(question: () => Promise<boolean> | boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function openWriteSide(): Promise<WriteSide> {
  const database = uniqueName('commands');
  await administer(`CREATE DATABASE ${database}`);
  const address = new URL(postgresUrl);
  address.pathname = `/${database}`;
  const connectionString = address.href;
  const log = { brokers, registryUrl, clientId: database };
  const contract = tallyContract(uniqueName('tally'));
  await provisionStreams({ tally: contract }, log);
  const entity = tallyEntity(contract);
  const clock = { nowMs: () => 1_357_034_400_000 };
  const running: { stop(): Promise<void> }[] = [];
  const pool = new pg.Pool({ connectionString, max: 2 });
  pool.on('error', () => undefined);
  const instance: WriteSide['instance'] = async (name, options) => {
    const publications = new Publications({
      connectionString: named(connectionString, name),
      log,
      ...options,
    });
    const entities = [entity];
    const store = new CommandStore({
      connectionString,
      source: '/suite',
      entities,
      log,
      clock,
      publications,
    });
    running.push(store, publications);
    await store.start();
    await publications.start();
    return store;
  };
  const store = await instance('ears');
  return {
    ...{ database, connectionString, log, contract, entity, store, pool, until, instance },
    requests: tallyRequests(entity),
    execute: (...requests) => store.execute(requests),
    breakSessions: (name) => breakSessions(pool, name),
    stop: async () => {
      for (const thing of running.toReversed()) await thing.stop();
      await pool.end();
      await administer(`DROP DATABASE ${database} WITH (FORCE)`);
    },
  };
}

async function breakSessions(pool: pg.Pool, name: string): Promise<void> {
  await pool.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
    name,
  ]);
}

/** The address of a session that has a name in the server's list. */
export function named(connectionString: string, name: string): string {
  return `${connectionString}?application_name=${name}`;
}

/** Everything that is in the stream, in the order in which it arrived. */
export async function followTallies({ contract, log }: WriteSide) {
  const records: TailRecord<Tally>[] = [];
  const tail = new StreamTail<Tally>({
    contract,
    connection: log,
    onRecord: (record) => records.push(record),
  });
  await tail.start();
  return {
    stop: () => tail.stop(),
    records: (key: string) => records.filter((record) => record.key === key),
    /** Versions of a key as they arrived; 0 for a tombstone. */
    versions: (key: string) =>
      records.flatMap((record) => (record.key === key ? [record.envelope?.version ?? 0] : [])),
    envelopes: (key: string) =>
      records.flatMap(({ key: told, envelope }) => (told === key && envelope ? [envelope] : [])),
  };
}

async function until(question: () => Promise<boolean> | boolean): Promise<void> {
  const givenUpMs = Date.now() + patienceMs;
  while (!(await question())) {
    if (Date.now() > givenUpMs) throw new Error(`not within ${patienceMs} ms: ${String(question)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
