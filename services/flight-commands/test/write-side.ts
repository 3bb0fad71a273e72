import { CommandStore, OutboxRelay, Publications } from '@reprise/command-store';
import { catalogue } from '@reprise/contracts';
import { provisionStreams, type LogConnection } from '@reprise/log';
import { testConnections, uniqueName } from '@reprise/testing';
import pg from 'pg';
import { entityTypes } from '../src/entity-types.js';

/** The time at which everything happens in these tests: 2013-01-01T00:00:00Z. */
export const nowMs = Date.UTC(2013, 0, 1);

export interface PendingRecord {
  readonly topic: string;
  readonly key: string;
  /** Version of the event that it keeps in a history, else null. */
  readonly event: number | null;
  /** Null for a tombstone. */
  readonly value: Buffer | null;
}

/** A real store on a database of its own, beside the streams and their contracts. */
export class WriteSide {
  private relay: OutboxRelay | undefined;

  private constructor(
    readonly store: CommandStore,
    readonly log: LogConnection,
    private readonly behind: { readonly publications: Publications; readonly databaseUrl: URL },
  ) {}

  static async open(): Promise<WriteSide> {
    const { kafkaBrokers: brokers, registryUrl, postgresUrl } = testConnections();
    const { airline, airport, aircraft, flight, flightHistory } = catalogue;
    await provisionStreams({ airline, airport, aircraft, flight, flightHistory }, { brokers, registryUrl });
    const databaseUrl = new URL(postgresUrl);
    databaseUrl.pathname = uniqueName('flight_commands');
    await administer(`CREATE DATABASE ${databaseUrl.pathname.slice(1)}`);
    const log = { brokers, registryUrl, clientId: 'flight-commands-test' };
    const clock = { nowMs: () => nowMs };
    const connectionString = databaseUrl.href;
    const publications = new Publications({ connectionString, log });
    const source = '/flight-commands';
    const entities = entityTypes.map(({ entity }) => entity);
    const store = new CommandStore({ connectionString, source, entities, log, clock, publications });
    await store.start();
    await publications.start();
    return new WriteSide(store, log, { publications, databaseUrl });
  }

  /** From now on, what is stored is published. */
  async startRelay(): Promise<void> {
    this.relay = new OutboxRelay({
      connectionString: this.behind.databaseUrl.href,
      log: this.log,
      pollMs: 50,
    });
    await this.relay.start();
  }

  /** As if the broker were away: what is stored waits. */
  async stopRelay(): Promise<void> {
    await this.relay?.stop();
    this.relay = undefined;
  }

  /** What waits to be published, oldest first. */
  async outbox(): Promise<PendingRecord[]> {
    return query<PendingRecord>(
      this.behind.databaseUrl,
      'SELECT topic, key, event::integer, value FROM outbox ORDER BY id',
    );
  }

  async close(): Promise<void> {
    await this.stopRelay();
    await this.behind.publications.stop();
    await this.store.stop();
    await this.dropDatabase();
  }

  /** Takes the store's database away from under it. */
  async dropDatabase(): Promise<void> {
    await administer(`DROP DATABASE IF EXISTS ${this.behind.databaseUrl.pathname.slice(1)} WITH (FORCE)`);
  }
}

async function administer(statement: string): Promise<void> {
  await query(new URL(testConnections().postgresUrl), statement);
}

async function query<Row extends object>(databaseUrl: URL, statement: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl.href });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
