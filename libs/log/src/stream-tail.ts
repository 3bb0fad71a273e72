import type { Envelope, StreamContract } from '@reprise/contracts';
import { CodedError, furthest, hasReached, messageOf, partitionId, type Positions } from '@reprise/kernel';
import { randomUUID } from 'node:crypto';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { StreamDecoder } from './codec.js';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';
import { LogAdmin } from './offsets.js';
import { readRecord, type ReadRecord } from './records.js';
import { StallWatch } from './stall-watch.js';
import { whileAway } from './while-away.js';
import { withinLimit } from './within-limit.js';

/** The newest that the log says of a key; `envelope` null is a tombstone. */
export interface TailRecord<State> {
  readonly key: string;
  readonly envelope: Envelope<State> | null;
  /** By the record's header; a tombstone tells it nowhere else. */
  readonly entityVersion: number | undefined;
  /** `topic/partition`. */
  readonly partition: string;
  readonly offset: bigint;
  /** Epoch milliseconds at which the broker took the record. */
  readonly timestampMs: number;
}

export interface StreamTailOptions<State> {
  readonly contract: StreamContract<State>;
  readonly connection: LogConnection;
  /** Fields of the state that are read; the rest is not decoded. Default all. */
  readonly fields?: readonly string[];
  readonly onRecord: (record: TailRecord<State>) => void;
  /** A record that cannot be decoded is passed over, after this was told. */
  readonly onUndecodable?: (reason: string, record: ReadRecord & { readonly partition: string }) => void;
  /** More was read. */
  readonly onAdvance?: () => void;
  /** Whoever takes the records failed: nothing is handed over any more. */
  readonly onFatal?: (reason: unknown) => void;
  /** How long it may read nothing, though there is something to read, before it is started anew. Default 30 s. */
  readonly stallMs?: number;
}

/** One life of the client's consumer: after a stall another follows, and reads from the beginning. */
interface Membership {
  readonly consumer: Consumer;
  ended: boolean;
  joined: boolean;
  gaveUp: string | undefined;
}

const watchMs = 2_000;
const disconnectLimitMs = 10_000;

/**
 * Hands every record of a (small) stream to this process, from the first to the newest and on as they come: the whole
 * stream in every process that asks, without a shared group. No record is handed over twice, also when the client stalled
 * and was started anew.
 */
export class StreamTail<State> {
  private readonly decoder: StreamDecoder<State>;
  private readonly admin: LogAdmin;
  private readonly watch: StallWatch;
  private readonly applied = new Map<string, bigint>();
  /** After the last record that was handed over, by partition. */
  private readonly next = new Map<string, bigint>();
  private readonly waiting = new Set<{ ends: Positions; resolve: () => void }>();
  private membership: Membership | undefined;
  private watching: NodeJS.Timeout | undefined;
  private watched: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(private readonly options: StreamTailOptions<State>) {
    const { contract, connection, fields, stallMs = 30_000 } = options;
    this.decoder = fields
      ? StreamDecoder.fields<State>(contract, connection, fields)
      : StreamDecoder.whole(contract, connection);
    this.admin = new LogAdmin(connection);
    this.watch = new StallWatch(stallMs);
  }

  /** Resolves when everything that was in the stream at the call has been handed over. Waits for a broker that is away. */
  async start(): Promise<void> {
    const { onAway } = this.options.connection;
    const waiting = { onAway, goOn: () => !this.stopping };
    await whileAway(() => this.join(), waiting);
    this.watchSoon();
    await whileAway(() => this.caughtUp(), waiting);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.watching);
    await this.watched;
    await this.leave();
    await this.admin.stop();
  }

  /** Next offsets: everything below was handed over. */
  positions(): Positions {
    return new Map(this.applied);
  }

  /** Resolves when everything that is in the stream at the call has been handed over. */
  async caughtUp(): Promise<void> {
    const ends = await this.admin.endOffsets([this.options.contract.topic]);
    for (const id of ends.keys()) if (!this.applied.has(id)) this.applied.set(id, 0n);
    if (hasReached(this.applied, ends)) return;
    await new Promise<void>((resolve) => {
      this.waiting.add({ ends, resolve });
    });
  }

  private async join(): Promise<void> {
    const { connection, contract } = this.options;
    const consumer = connectKafka(connection).consumer({
      groupId: `reprise.tail.${randomUUID()}`,
      allowAutoTopicCreation: false,
      sessionTimeout: 10_000,
      heartbeatInterval: 1_000,
      maxWaitTimeInMs: 500,
      retry: {
        retries: 20,
        initialRetryTime: 100,
        maxRetryTime: 3_000,
        restartOnFailure: () => Promise.resolve(!this.stopping && !membership.ended),
      },
    });
    const membership: Membership = { consumer, ended: false, joined: false, gaveUp: undefined };
    this.membership = membership;
    this.follow(membership);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [contract.topic], fromBeginning: true });
      await consumer.run({ autoCommit: false, eachBatch: (payload) => this.onBatch(membership, payload) });
    } catch (cause) {
      await this.leave();
      throw logError('log-unavailable', `stream ${contract.name} could not be followed`, cause);
    }
  }

  private follow(membership: Membership): void {
    const { consumer } = membership;
    consumer.on(consumer.events.GROUP_JOIN, () => {
      membership.joined = true;
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (payload.restart || membership.ended || this.stopping) return;
      // The client gave up, or a dependency was away for too long: the next look joins anew.
      if (isPassing(payload.error)) membership.gaveUp = messageOf(payload.error);
      else this.options.onFatal?.(payload.error);
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const isEmpty = payload.batchSize === 0 && !membership.ended;
      if (isEmpty) this.advance(partitionId(payload), BigInt(payload.lastOffset) + 1n);
    });
  }

  private async onBatch(membership: Membership, payload: EachBatchPayload): Promise<void> {
    const partition = partitionId(payload.batch);
    for (const message of payload.batch.messages) {
      if (membership.ended || !payload.isRunning() || payload.isStale()) return;
      const record = readRecord(message);
      if (record.offset < (this.next.get(partition) ?? 0n)) continue;
      await this.handOver(partition, record);
      this.next.set(partition, record.offset + 1n);
    }
    this.advance(partition, BigInt(payload.batch.lastOffset()) + 1n);
  }

  private async handOver(partition: string, record: ReadRecord): Promise<void> {
    const { onRecord, onUndecodable } = this.options;
    try {
      const envelope = record.value === null ? null : await this.decoder.decode(record.value);
      const { key, entityVersion, offset, timestampMs } = record;
      onRecord({ key, envelope, entityVersion, partition, offset, timestampMs });
    } catch (failure) {
      if (!(failure instanceof CodedError) || failure.decision !== 'set-aside') throw failure;
      onUndecodable?.(messageOf(failure), { ...record, partition });
    }
  }

  private advance(partition: string, nextOffset: bigint): void {
    if (nextOffset <= (this.applied.get(partition) ?? 0n)) return;
    this.applied.set(partition, nextOffset);
    this.options.onAdvance?.();
    for (const waiter of this.waiting) {
      if (!hasReached(this.applied, waiter.ends)) continue;
      this.waiting.delete(waiter);
      waiter.resolve();
    }
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
    const { contract, connection } = this.options;
    try {
      const ends = await this.admin.endOffsets([contract.topic]);
      const stalled =
        this.membership?.gaveUp ??
        this.watch.observe({
          nowMs: performance.now(),
          assigned: this.membership?.joined ? [...ends.keys()] : undefined,
          positions: furthest(this.applied, this.next),
          ends,
          working: new Set(),
        });
      if (stalled === undefined || this.stopping) return;
      connection.onWarning?.(`stream ${contract.name} is followed anew`, { reason: stalled });
      await this.leave();
      await this.join();
    } catch (failure) {
      // A join that failed is seen as a stall again, and tried again.
      connection.onWarning?.(`stream ${contract.name} cannot be watched`, { reason: messageOf(failure) });
    }
  }

  /** What a consumer that is left behind still hands over is not taken. */
  private async leave(): Promise<void> {
    const { membership } = this;
    this.membership = undefined;
    if (!membership) return;
    membership.ended = true;
    await withinLimit(membership.consumer.disconnect(), disconnectLimitMs);
  }
}

/** Anything else was thrown by who takes the records: doing it again would end the same. */
function isPassing(failure: Error): boolean {
  return (
    failure.name.startsWith('KafkaJS') || (failure instanceof CodedError && failure.decision === 'retry')
  );
}
