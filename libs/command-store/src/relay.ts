import { messageOf, type Metrics } from '@reprise/kernel';
import { LogProducer, type LogConnection } from '@reprise/log';
import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { publishedMessages } from './published-message.js';
import { RelayMetrics } from './relay-metrics.js';
import * as sql from './sql/outbox.js';
import { seekOnly } from './sql/queryable.js';

export interface OutboxRelayOptions {
  readonly connectionString: string;
  readonly log: LogConnection;
  /** Told once when something keeps the relay from publishing, and once (undefined) when it goes on. */
  readonly onTrouble?: (reason: string | undefined) => void;
  /** Safety net for a missed wake-up. Default 500. */
  readonly pollMs?: number;
  readonly metrics?: Metrics;
}

const batchRecords = 5_000;
const retryMs = 500;
/** The broker forgets who took over last after 7 days. */
const takeOverAgainMs = 24 * 3_600_000;
/** A publication of fewer records is small. */
const smallPublication = 20;
/** The longest rest after a small one. */
const longestRestMs = 10;

/**
 * Publishes the outbox. States: `standby` (another relay publishes) → `publishing` (this session holds the lock) →
 * `standby` again when its session breaks → … → `stopped`.
 *
 * The rows are read in the order of their ids and deleted only after the broker acknowledged them. A transaction that
 * commits late, with lower ids, is found by the next read, because published rows are gone rather than passed by; and
 * two transactions on one entity cannot overlap, so its events are always read in order. A crash between acknowledgement
 * and deletion publishes records again: readers know an entity's version and pass over what is old. The transaction that
 * deletes tells where the records landed, to whoever waits for them.
 *
 * Who gets the lock takes over the log before it reads: rows that are read under the lock are appended by the newest producer, or
 * refused. So one that lost its lock without noticing cannot append behind its successor.
 *
 * One publication costs about the same for one record and for a hundred, here, in the broker and in the database. So after a
 * small one it rests for as long as that took, at most 10 ms, in which more comes for the next.
 */
export class OutboxRelay {
  /** While this session holds the lock. */
  private producer: LogProducer | undefined;
  private takenOverMs = 0;
  private client: pg.Client | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;
  private reason: string | undefined = 'not started';
  private wakeUp: () => void = () => undefined;
  private notified = false;
  private readonly measured: RelayMetrics;

  constructor(private readonly options: OutboxRelayOptions) {
    this.measured = new RelayMetrics(() => this.producer !== undefined, options.metrics);
  }

  start(): Promise<void> {
    this.running = this.run();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    this.wakeUp();
    await this.running;
  }

  /** What keeps it from publishing; undefined when nothing does. A relay on standby is well. */
  get trouble(): string | undefined {
    return this.reason;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.publishUntilBroken(await this.openSession());
      } catch (failure) {
        this.measured.failed();
        this.tell(messageOf(failure));
        await this.sleep(retryMs);
      } finally {
        await this.closeSession();
      }
    }
  }

  private async publishUntilBroken(client: pg.Client): Promise<void> {
    while (!this.stopping) {
      this.producer ??= await this.becomePublisher(client);
      this.notified = false;
      const beganMs = performance.now();
      const published = this.producer ? await this.publishOldest(client, this.producer) : 0;
      this.tell(undefined);
      if (published === batchRecords) continue;
      if (published > 0 && published < smallPublication)
        await pause(Math.min(longestRestMs, performance.now() - beganMs));
      await this.sleep(this.options.pollMs ?? 500);
    }
  }

  /** Undefined while another one is. The lock is the session's: a new one has to ask again. */
  private async becomePublisher(client: pg.Client): Promise<LogProducer | undefined> {
    if (!(await sql.lockRelay(client))) return undefined;
    const producer = new LogProducer(this.options.log, await sql.nameOfRelay(client));
    await producer.takeOver();
    this.takenOverMs = performance.now();
    return producer;
  }

  private async publishOldest(client: pg.Client, producer: LogProducer): Promise<number> {
    const beganMs = performance.now();
    if (beganMs - this.takenOverMs > takeOverAgainMs) {
      await producer.takeOver();
      this.takenOverMs = beganMs;
    }
    const rows = await sql.oldestOutbox(client, batchRecords);
    if (rows.length === 0) return 0;
    const places = await producer.append(rows);
    const ids = rows.map(({ id }) => id);
    await sql.deleteOutbox(client, { ids, messages: publishedMessages(ids, places) });
    this.measured.published(rows.length, performance.now() - beganMs);
    return rows.length;
  }

  private async openSession(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.options.connectionString, keepAlive: true });
    this.client = client;
    // A broken session shows at the next statement; the event alone must not end the process.
    client.on('error', () => {
      this.wakeUp();
    });
    client.on('notification', () => {
      this.notified = true;
      this.wakeUp();
    });
    await client.connect();
    await sql.endSoonWhenPeerIsGone(client);
    await seekOnly(client);
    // A deletion that is lost with the server's last second is a publication that is made again.
    await client.query('SET synchronous_commit = off');
    await client.query(`LISTEN ${sql.outboxChannel}`);
    return client;
  }

  private async closeSession(): Promise<void> {
    const { client, producer } = this;
    this.client = undefined;
    this.producer = undefined;
    await producer?.stop();
    // The session may be broken already: then there is nothing to close.
    await client?.end().catch(() => undefined);
  }

  private tell(reason: string | undefined): void {
    if (reason === this.reason) return;
    this.reason = reason;
    this.options.onTrouble?.(reason);
  }

  /** Until woken, or the time is up. */
  private sleep(durationMs: number): Promise<void> {
    if (this.notified || this.stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, durationMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
