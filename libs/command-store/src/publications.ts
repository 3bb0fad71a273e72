import { messageOf, parsePartitionId, type Positions } from '@reprise/kernel';
import { LogAdmin, type LogConnection } from '@reprise/log';
import pg from 'pg';
import { readPublished, type PublishedRecord } from './published-message.js';
import { presentInOutbox, publishedChannel } from './sql/outbox.js';
import { Waiter, WaitingList } from './waiting-list.js';

export interface PublicationsOptions {
  readonly connectionString: string;
  readonly log: LogConnection;
  /** Told once when nothing can be heard, and once (undefined) when it can again. */
  readonly onTrouble?: (reason: string | undefined) => void;
  /** Who has waited for so long is looked up, in case a message was lost. Default 1,000. */
  readonly lookUpMs?: number;
}

/** What is waited for. */
export interface AwaitedRecords {
  /** Outbox ids. */
  readonly records: readonly string[];
  /** Every `topic/partition` that they belong to. */
  readonly partitions: readonly string[];
  /** True: their transaction is open, {@link Publication.committed} tells its end. False: it is committed. */
  readonly isFresh: boolean;
}

/** Records on their way to the log. */
export interface Publication {
  /** Their transaction is committed: those that are not in the outbox any more were published. */
  committed(): void;
  /** Nobody will wait for them. */
  forget(): void;
  /** How far a reader has come that shows them all, or further; undefined when that is not known in time. */
  positions(waitMs: number): Promise<Positions | undefined>;
}

interface Session {
  readonly client: pg.Client;
  readonly ended: Promise<void>;
}

const retryMs = 500;
const answerLimitMs = 5_000;
/** Heard lately: who asks for one of these is answered at once. */
const rememberedRecords = 20_000;

/**
 * Hears from the relay where records landed. States: `deaf` (no session) → `listening` → `deaf` when the session breaks → …
 * → `stopped`.
 *
 * Whoever waits is registered before its transaction commits, so nothing is told too early to be heard. What was told while
 * no session listened is looked up: a committed record that is not in the outbox was published, and lies before its
 * partition's present end; that is a position as good as its own, as a later one shows all that an earlier one shows.
 */
export class Publications {
  private readonly waiting = new WaitingList();
  private readonly heard = new Map<string, PublishedRecord>();
  private readonly admin: LogAdmin;
  private session: Session | undefined;
  /** The number of the session that hears; undefined when none does. */
  private listening: number | undefined;
  private sessions = 0;
  private running: Promise<void> | undefined;
  private lookingUp: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private wakeUp: () => void = () => undefined;

  constructor(private readonly options: PublicationsOptions) {
    this.admin = new LogAdmin(options.log);
  }

  /** Does not wait for the session: commands may come without one. */
  start(): Promise<void> {
    const lookUpMs = this.options.lookUpMs ?? 1_000;
    this.timer = setInterval(() => {
      const longAgoMs = performance.now() - lookUpMs;
      for (const waiter of this.waiting) if (waiter.sinceMs <= longAgoMs) waiter.session = undefined;
      this.lookUp();
    }, lookUpMs);
    this.running = this.run();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.wakeUp();
    await this.closeSession();
    await this.running;
    await this.admin.stop();
    await this.lookingUp;
  }

  watch({ records, partitions, isFresh }: AwaitedRecords): Publication {
    const waiter = new Waiter(new Set(records), partitions);
    waiter.session = isFresh ? this.listening : undefined;
    waiter.isCommitted = !isFresh;
    if (records.length === 0) waiter.settle(new Map());
    else this.waiting.add(waiter);
    for (const id of records) {
      const known = this.heard.get(id);
      if (known) this.waiting.hear(known);
    }
    return {
      committed: () => {
        waiter.isCommitted = true;
        if (waiter.session !== this.listening) this.lookUp();
      },
      forget: () => {
        this.waiting.remove(waiter);
      },
      positions: async (waitMs) => {
        if (!isFresh) this.lookUp();
        const positions = await within(waiter.positions, waitMs);
        this.waiting.remove(waiter);
        return positions;
      },
    };
  }

  /** How far a reader has come that shows all that is published now; undefined when the broker does not say so in time. */
  ends(partitions: readonly string[], waitMs: number): Promise<Positions | undefined> {
    return within(this.readEnds(partitions), waitMs);
  }

  private async readEnds(partitions: readonly string[]): Promise<Positions | undefined> {
    const topics = new Set(partitions.map((id) => parsePartitionId(id).topic));
    try {
      const ends = await this.admin.endOffsets([...topics]);
      return new Map(partitions.map((id) => [id, ends.get(id) ?? 0n]));
    } catch {
      return undefined;
    }
  }

  private async run(): Promise<void> {
    let trouble: string | undefined;
    const tell = (reason: string | undefined): void => {
      if (reason !== trouble) this.options.onTrouble?.(reason);
      trouble = reason;
    };
    while (!this.isStopped()) {
      try {
        const { ended } = await this.listen();
        tell(undefined);
        this.lookUp();
        await ended;
        if (!this.isStopped()) tell('the session ended');
      } catch (failure) {
        tell(messageOf(failure));
      }
      this.listening = undefined;
      await this.closeSession();
      await this.pause();
    }
  }

  private async listen(): Promise<Session> {
    const { connectionString } = this.options;
    const client = new pg.Client({
      ...{ connectionString, keepAlive: true },
      ...{ connectionTimeoutMillis: answerLimitMs, query_timeout: answerLimitMs },
    });
    const ended = new Promise<void>((resolve) => {
      client.on('error', () => {
        resolve();
      });
      client.on('end', resolve);
    });
    const session = { client, ended };
    this.session = session;
    client.on('notification', ({ payload = '' }) => {
      this.hear(readPublished(payload));
    });
    await client.connect();
    await client.query(`LISTEN ${publishedChannel}`);
    this.sessions += 1;
    this.listening = this.sessions;
    return session;
  }

  private async closeSession(): Promise<void> {
    const { session } = this;
    this.session = undefined;
    // It may be broken already: then there is nothing to close.
    await session?.client.end().catch(() => undefined);
  }

  private hear(published: readonly PublishedRecord[]): void {
    for (const record of published) {
      this.heard.set(record.id, record);
      this.waiting.hear(record);
    }
    for (const id of this.heard.keys()) {
      if (this.heard.size <= rememberedRecords) break;
      this.heard.delete(id);
    }
  }

  /** Looks up those who may have missed something. One look-up at a time; who comes during one is in the next. */
  private lookUp(): void {
    if (this.lookingUp || this.listening === undefined || this.stopped) return;
    const missed = [...this.waiting].filter(
      ({ isCommitted, session }) => isCommitted && session !== this.listening,
    );
    if (missed.length === 0) return;
    this.lookingUp = this.lookUpNow(missed, this.listening).then((isDone) => {
      this.lookingUp = undefined;
      if (isDone) this.lookUp();
    });
  }

  /** False when somebody did not answer: the next time is soon enough. */
  private async lookUpNow(missed: readonly Waiter[], listening: number): Promise<boolean> {
    const client = this.session?.client;
    if (!client) return false;
    let present: ReadonlySet<string>;
    try {
      present = await presentInOutbox(
        client,
        missed.flatMap(({ missing }) => [...missing]),
      );
    } catch {
      // A session that does not answer hears nothing either: the next one will.
      await this.closeSession();
      return false;
    }
    const published = missed.filter(({ missing }) => [...missing].every((id) => !present.has(id)));
    // What is still there will be told to this session.
    for (const waiter of missed) if (!published.includes(waiter)) waiter.session = listening;
    return this.settleByEnds(published);
  }

  private async settleByEnds(published: readonly Waiter[]): Promise<boolean> {
    if (published.length === 0) return true;
    const ends = await this.readEnds([...new Set(published.flatMap(({ partitions }) => partitions))]);
    // The broker is away: who waits is told so by his time running out.
    if (!ends) return false;
    for (const waiter of published) {
      waiter.settle(new Map(waiter.partitions.map((id) => [id, ends.get(id) ?? 0n])));
      this.waiting.remove(waiter);
    }
    return true;
  }

  private isStopped(): boolean {
    return this.stopped;
  }

  private pause(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, retryMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

async function within<Answer>(answer: Promise<Answer>, waitMs: number): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, waitMs, undefined);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
