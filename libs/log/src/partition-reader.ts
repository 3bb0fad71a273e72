import { messageOf, parsePartitionId, partitionId, type Positions } from '@reprise/kernel';
import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';
import { FetchSequencer, type Fetch, type PartitionHandler } from './fetch-sequencer.js';
import { LogAdmin } from './offsets.js';
import { readRecord } from './records.js';
import { StallWatch } from './stall-watch.js';
import { withinLimit } from './within-limit.js';

export interface PartitionReaderOptions {
  readonly connection: LogConnection;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly handler: PartitionHandler;
  /** Most records handed over at once. */
  readonly maxChunkRecords: number;
  /** Partitions worked on at the same time. */
  readonly concurrency: number;
  /** The reader gave up: the process must not go on as if nothing had happened. */
  readonly onFatal: (reason: unknown) => void;
  /** How long it may read nothing, though there is something to read, before it is started anew. Default 30 s. */
  readonly stallMs?: number;
}

/** One life of the client's consumer: after a stall another follows. */
interface Membership {
  readonly consumer: Consumer;
  ended: boolean;
  gaveUp: string | undefined;
}

const watchMs = 2_000;
/** A fetch of fewer records is small: it costs a store nearly as much as one of many. */
const smallFetchRecords = 200;
/** The longest rest after a small one, in which more comes for the next. */
const longestRestMs = 50;
/** A consumer that does not even disconnect is left behind; it is fenced like any other zombie. */
const disconnectLimitMs = 10_000;

/**
 * Reads the partitions that the consumer group gives to this process; what is handed over, and in which order, is the
 * {@link FetchSequencer}'s. While a large fetch is worked on the next one comes; after a small one it rests as long as
 * that took, so that a slow store is not given records one by one as soon as they come.
 * States: `stopped` → `reading` ⇄ `restarting` (the watch saw it stall) → `stopped`.
 */
export class PartitionReader {
  private readonly sequencer: FetchSequencer;
  private readonly admin: LogAdmin;
  private readonly watch: StallWatch;
  private membership: Membership | undefined;
  private hasJoined = false;
  /** Why nothing more is applied of a partition. */
  private readonly cutShort = new Map<string, string>();
  private watching: NodeJS.Timeout | undefined;
  private watched: Promise<void> = Promise.resolve();
  private stopping = false;
  /** The last large fetch of each partition. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly options: PartitionReaderOptions) {
    this.admin = new LogAdmin(options.connection);
    this.watch = new StallWatch(options.stallMs ?? 30_000);
    this.sequencer = new FetchSequencer({
      handler: {
        claim: (partition) => this.claim(partition),
        apply: (chunk) => options.handler.apply(chunk),
        assigned: (partitions) => {
          options.handler.assigned(partitions);
        },
        troubled: (reason) => {
          options.handler.troubled(reason);
        },
      },
      maxChunkRecords: options.maxChunkRecords,
      seek: (id, offset) => {
        this.seek(id, offset);
      },
      pause: (attempt) => pause(backoffMs(attempt)),
      every: (periodMs, work) => {
        const timer = setInterval(work, periodMs);
        return () => {
          clearInterval(timer);
        };
      },
      nowMs: () => performance.now(),
      onFatal: options.onFatal,
    });
  }

  async start(): Promise<void> {
    await this.join();
    this.watchSoon();
  }

  /** Finishes the chunks in hand and leaves the group. Nothing is handed over afterwards. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.watching);
    await this.sequencer.stop();
    await this.watched;
    await this.leave();
    await this.admin.stop();
  }

  /** The handler lost the partition by itself: it is claimed again, and read from where that says. */
  reclaim(partition: string): void {
    this.sequencer.reclaim(partition);
  }

  /**
   * A log that ends before the checkpoint lost what it had acknowledged. What is written there next would be passed over, so
   * nothing of the partition is applied any more by this process.
   */
  private async claim(partition: string): Promise<bigint> {
    const offset = await this.options.handler.claim(partition);
    const end = (await this.admin.endOffsets([parsePartitionId(partition).topic])).get(partition) ?? 0n;
    if (offset > end && !this.cutShort.has(partition))
      this.cutShort.set(
        partition,
        `the log of ${partition} ends at ${end}, but ${offset} was reached: it lost records`,
      );
    const reason = this.cutShort.get(partition);
    if (reason !== undefined) throw logError('log-behind-checkpoint', `${reason}; rebuild the view`);
    return offset;
  }

  private async join(): Promise<void> {
    const { connection, groupId, topics, concurrency } = this.options;
    const consumer = connectKafka(connection).consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: 10_000,
      // By heartbeats, no oftener than fetches end, a member hears that others want their share.
      heartbeatInterval: 250,
      rebalanceTimeout: 15_000,
      maxBytesPerPartition: 4 << 20,
      maxWaitTimeInMs: 250,
      retry: {
        retries: 20,
        initialRetryTime: 100,
        maxRetryTime: 3_000,
        restartOnFailure: () => Promise.resolve(!this.stopping && !membership.ended),
      },
    });
    const membership: Membership = { consumer, ended: false, gaveUp: undefined };
    this.membership = membership;
    this.hasJoined = false;
    this.follow(membership);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch: (payload) => this.onBatch(membership, payload),
      });
    } catch (cause) {
      throw logError('log-unavailable', `group ${groupId} could not be joined`, cause);
    }
  }

  private follow(membership: Membership): void {
    const { consumer } = membership;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (membership.ended || this.stopping) return;
      this.hasJoined = true;
      const assigned = Object.entries(payload.memberAssignment);
      // Nothing is fetched before the claim says from where, however long that takes: a fetch in hand would hold up the group.
      consumer.pause(assigned.map(([topic, partitions]) => ({ topic, partitions })));
      this.sequencer.assign(
        assigned.flatMap(([topic, numbers]) => numbers.map((partition) => partitionId({ topic, partition }))),
      );
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0 || membership.ended || this.stopping) return;
      this.sequencer.onNothingToRead({
        partition: partitionId(payload),
        fetchedOffset: fetchedOffset(payload),
        records: [],
        nextOffset: BigInt(payload.lastOffset) + 1n,
        endOffset: BigInt(payload.highWatermark),
      });
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      // The client gave up; what a handler failed with was told already. The next look joins anew.
      if (!payload.restart) membership.gaveUp = messageOf(payload.error);
    });
  }

  private async onBatch(membership: Membership, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const beganMs = performance.now();
    const isCurrent = (): boolean =>
      !membership.ended && !this.stopping && payload.isRunning() && !payload.isStale();
    if (!isCurrent()) return;
    const partition = partitionId(batch);
    const isSmall = batch.messages.length < smallFetchRecords;
    const work = this.sequencer.onFetch(
      {
        partition,
        fetchedOffset: fetchedOffset(batch),
        records: recordsOf(batch.messages),
        nextOffset: BigInt(batch.lastOffset()) + 1n,
        endOffset: BigInt(batch.highWatermark),
      },
      {
        isCurrent,
        heartbeat: () => payload.heartbeat(),
        resolve: (nextOffset) => {
          if (isSmall) payload.resolveOffset(String(nextOffset - 1n));
        },
      },
    );
    if (isSmall) {
      await work;
      if (isCurrent()) await pause(Math.min(longestRestMs, performance.now() - beganMs));
    } else {
      payload.resolveOffset(batch.lastOffset());
      await this.afterPrevious(partition, work);
    }
  }

  /**
   * While a large fetch is worked on the next one is fetched and decoded, and no more than that one: it waits here for its turn.
   * Should the work come to nothing, the sequencer seeks back to where it stands.
   */
  private async afterPrevious(partition: string, work: Promise<void>): Promise<void> {
    const previous = this.underWay.get(partition);
    // A handler's failure was told already, and the client beats by itself: that a membership has ended means nothing to the next.
    this.underWay.set(
      partition,
      work.catch(() => undefined),
    );
    await previous;
  }

  private seek(id: string, offset: bigint): void {
    const { topic, partition } = parsePartitionId(id);
    if (!this.membership || this.membership.ended) return;
    this.membership.consumer.seek({ topic, partition, offset: String(offset) });
    this.membership.consumer.resume([{ topic, partitions: [partition] }]);
  }

  private watchSoon(): void {
    this.watching = setTimeout(() => {
      this.watched = this.look().finally(() => {
        if (!this.stopping) this.watchSoon();
      });
    }, watchMs);
  }

  /** A broker that cannot be asked is away: then nothing can be read, and the client's own retries are at it. */
  private async look(): Promise<void> {
    const { topics, handler } = this.options;
    try {
      const before = new Map(this.sequencer.positions());
      const ends: Positions = await this.admin.endOffsets(topics);
      for (const [id, offset] of before) if (offset > (ends.get(id) ?? 0n)) this.reclaim(id);
      const stalled =
        this.membership?.gaveUp ??
        this.watch.observe({
          nowMs: performance.now(),
          assigned: this.hasJoined ? this.sequencer.assignedPartitions() : undefined,
          positions: this.sequencer.positions(),
          ends,
          working: this.sequencer.busyFor(watchMs),
        });
      if (stalled === undefined || this.stopping) return;
      handler.troubled(`the reader is started anew: ${stalled}`);
      await this.leave();
      await this.join();
      handler.troubled(undefined);
    } catch (failure) {
      // A join that failed is seen as a stall again, and tried again.
      handler.troubled(messageOf(failure));
    }
  }

  /** What a consumer that is left behind still hands over is not taken. */
  private async leave(): Promise<void> {
    const { membership } = this;
    this.membership = undefined;
    this.underWay.clear();
    if (!membership) return;
    membership.ended = true;
    if (!this.stopping) this.sequencer.assign([]);
    await withinLimit(membership.consumer.disconnect(), disconnectLimitMs);
  }
}

function recordsOf(messages: readonly KafkaMessage[]): Fetch['records'] {
  return { length: messages.length, slice: (from, to) => messages.slice(from, to).map(readRecord) };
}

/** Where the fetch began. kafkajs (as we patch it) has it on every batch and event, though not in its types. */
function fetchedOffset(told: object): bigint | undefined {
  if (!('fetchedOffset' in told)) return undefined;
  const { fetchedOffset: offset } = told;
  return typeof offset === 'string' || typeof offset === 'number' ? BigInt(offset) : undefined;
}

/** Doubles from 50 ms to 2 s, with up to half of it random so that builders do not return in step. */
function backoffMs(attempt: number): number {
  const ceiling = Math.min(2_000, 50 * 2 ** attempt);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
