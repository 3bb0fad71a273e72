import { randomUUID } from 'node:crypto';
import type { Envelope, StreamContract } from '@reprise/contracts';
import { CodedError, hasReached, messageOf, partitionId, type Positions } from '@reprise/kernel';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { StreamDecoder } from './codec.js';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';
import { LogAdmin } from './offsets.js';
import { readRecord, type ReadRecord } from './records.js';

/** The newest that the log says of a key; `envelope` null is a tombstone. */
export interface TailRecord<State> {
  readonly key: string;
  readonly envelope: Envelope<State> | null;
  /** Epoch milliseconds at which the broker took the record. */
  readonly timestampMs: number;
}

export interface StreamTailOptions<State> {
  readonly contract: StreamContract<State>;
  readonly connection: LogConnection;
  readonly onRecord: (record: TailRecord<State>) => void;
  /** A record that cannot be decoded is passed over, after this was told. */
  readonly onUndecodable?: (reason: string) => void;
  readonly onFatal?: (reason: unknown) => void;
}

/**
 * Hands every record of a (small) stream to this process, from the first to the newest and on as they come: the whole
 * stream in every process that asks, without a shared group.
 */
export class StreamTail<State> {
  private readonly consumer: Consumer;
  private readonly decoder: StreamDecoder<State>;
  private readonly applied = new Map<string, bigint>();
  private readonly groupId = `reprise.tail.${randomUUID()}`;
  private caughtUp: { ends: Positions; resolve: () => void } | undefined;
  private stopping = false;

  constructor(private readonly options: StreamTailOptions<State>) {
    const { contract, connection } = options;
    this.decoder = StreamDecoder.whole(contract, connection);
    this.consumer = connectKafka(connection).consumer({
      groupId: this.groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: 10_000,
      heartbeatInterval: 1_000,
      maxWaitTimeInMs: 500,
      retry: {
        retries: 20,
        initialRetryTime: 100,
        maxRetryTime: 3_000,
        restartOnFailure: () => Promise.resolve(!this.stopping),
      },
    });
  }

  /** Resolves when everything that was in the stream at the call has been handed over. */
  async start(): Promise<void> {
    const { contract, connection } = this.options;
    const admin = new LogAdmin(connection);
    try {
      const ends = await admin.endOffsets([contract.topic]);
      await this.run();
      await this.untilApplied(ends);
    } finally {
      await admin.stop();
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.consumer.disconnect();
  }

  private async run(): Promise<void> {
    const { consumer } = this;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart && !this.stopping) this.options.onFatal?.(payload.error);
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      this.advance(partitionId(payload), BigInt(payload.lastOffset) + 1n);
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [this.options.contract.topic], fromBeginning: true });
      await consumer.run({ autoCommit: false, eachBatch: (payload) => this.onBatch(payload) });
    } catch (cause) {
      throw logError('log-unavailable', `stream ${this.options.contract.name} could not be followed`, cause);
    }
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    for (const message of payload.batch.messages) {
      if (!payload.isRunning() || payload.isStale()) return;
      await this.handOver(readRecord(message));
    }
  }

  private async handOver(record: ReadRecord): Promise<void> {
    const { onRecord, onUndecodable } = this.options;
    try {
      const envelope = record.value === null ? null : await this.decoder.decode(record.value);
      onRecord({ key: record.key, envelope, timestampMs: record.timestampMs });
    } catch (failure) {
      if (!(failure instanceof CodedError) || failure.decision !== 'set-aside') throw failure;
      onUndecodable?.(messageOf(failure));
    }
  }

  private advance(partition: string, nextOffset: bigint): void {
    if (nextOffset > (this.applied.get(partition) ?? 0n)) this.applied.set(partition, nextOffset);
    const waiting = this.caughtUp;
    if (waiting && hasReached(this.applied, waiting.ends)) waiting.resolve();
  }

  private untilApplied(ends: Positions): Promise<void> {
    if (hasReached(this.applied, ends)) return Promise.resolve();
    return new Promise((resolve) => {
      this.caughtUp = { ends, resolve };
    });
  }
}
