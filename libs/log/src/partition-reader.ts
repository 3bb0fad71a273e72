import { CodedError, messageOf, partitionId } from '@reprise/kernel';
import type { Batch, Consumer, EachBatchPayload } from 'kafkajs';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';
import { readRecord, type ReadRecord } from './records.js';

/** Records of one partition, in order, and what is known of its ends. */
export interface RecordChunk {
  /** `topic/partition`. */
  readonly partition: string;
  /** May be empty: then the offsets up to `nextOffset` held nothing to read (transaction markers, compacted holes). */
  readonly records: readonly ReadRecord[];
  /** The offset after this chunk: where reading goes on. */
  readonly nextOffset: bigint;
  /** The partition's end when the chunk was fetched. */
  readonly endOffset: bigint;
}

/** fenced: the caller no longer owns the partition; it is claimed again before anything else of it is handed over. */
export type ChunkOutcome = 'applied' | 'fenced';

/**
 * What reads the partitions given to this process. For each partition the calls come one after another: first `claim`,
 * then chunks that join without a gap from the offset that `claim` returned.
 */
export interface PartitionHandler {
  /** Takes the partition over and says at which offset to go on. Called again after a rebalance or a `fenced`. */
  claim(partition: string): Promise<bigint>;
  /** A CodedError whose decision is `retry` is tried again with backoff; any other failure stops the reader. */
  apply(chunk: RecordChunk): Promise<ChunkOutcome>;
  /** These partitions belong to this process now; all others do not. */
  assigned(partitions: readonly string[]): void;
  /** Something keeps the reader from going on; it goes on trying. Undefined: it is over. */
  troubled(reason: string | undefined): void;
}

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
}

/**
 * Reads the partitions that the consumer group gives to this process.
 *
 * A partition is `unclaimed` until its first fetch arrives; it is then claimed, and reading starts over from the offset
 * that the claim returned, so the group's committed offsets never decide anything. Every fetch must start exactly where
 * the last chunk ended: one that does not (a seek or a rebalance came between) is thrown away and fetched anew.
 */
export class PartitionReader {
  private readonly consumer: Consumer;
  /** Next offset by partition; absent = unclaimed. */
  private readonly owned = new Map<string, bigint>();
  /** The end of each partition's queue of work: fetches and markers of one partition never overlap. */
  private readonly queues = new Map<string, Promise<unknown>>();
  private stopping = false;

  constructor(private readonly options: PartitionReaderOptions) {
    this.consumer = connectKafka(options.connection).consumer({
      groupId: options.groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: 10_000,
      heartbeatInterval: 1_000,
      rebalanceTimeout: 15_000,
      maxBytesPerPartition: 2 << 20,
      maxWaitTimeInMs: 500,
      retry: {
        retries: 20,
        initialRetryTime: 100,
        maxRetryTime: 3_000,
        restartOnFailure: () => Promise.resolve(!this.stopping),
      },
    });
  }

  async start(): Promise<void> {
    const { consumer, options } = this;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.onAssignment(payload.memberAssignment);
    });
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.onNothingToRead(payload);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (!payload.restart && !this.stopping) options.onFatal(payload.error);
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...options.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: options.concurrency,
        eachBatch: (payload) => this.onBatch(payload),
      });
    } catch (cause) {
      throw logError('log-unavailable', `group ${options.groupId} could not be joined`, cause);
    }
  }

  /** Finishes the chunks in hand and leaves the group. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.allSettled(this.queues.values());
    await this.consumer.disconnect();
  }

  private onAssignment(assignment: Readonly<Record<string, readonly number[]>>): void {
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => partitionId({ topic, partition })),
    );
    const mine = new Set(partitions);
    for (const id of this.owned.keys()) if (!mine.has(id)) this.owned.delete(id);
    this.options.handler.assigned(partitions);
  }

  private onBatch(payload: EachBatchPayload): Promise<void> {
    const id = partitionId(payload.batch);
    return this.enqueue(id, () => this.readBatch(id, payload));
  }

  private async readBatch(id: string, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const expected = this.owned.get(id) ?? (await this.claim(id, payload));
    if (expected === undefined) return;
    if (fetchedOffset(batch) !== expected) {
      this.seek(batch, expected);
      return;
    }
    const records = batch.messages.map(readRecord);
    const endOffset = BigInt(batch.highWatermark);
    const batchEnd = BigInt(batch.lastOffset()) + 1n;
    for (let from = 0; from < records.length; from += this.options.maxChunkRecords) {
      const chunk = records.slice(from, from + this.options.maxChunkRecords);
      const last = chunk.at(-1);
      const isFinal = from + chunk.length >= records.length;
      const nextOffset = isFinal || last === undefined ? batchEnd : last.offset + 1n;
      if (!(await this.applyChunk({ partition: id, records: chunk, nextOffset, endOffset }, payload))) return;
      payload.resolveOffset(String(nextOffset - 1n));
      await payload.heartbeat();
    }
  }

  /** False when the rest of the batch must not be worked on. */
  private async applyChunk(chunk: RecordChunk, payload: EachBatchPayload): Promise<boolean> {
    const outcome = await this.retrying(payload, () => this.options.handler.apply(chunk));
    if (outcome === 'applied') {
      this.owned.set(chunk.partition, chunk.nextOffset);
      return true;
    }
    this.owned.delete(chunk.partition);
    return false;
  }

  private async claim(id: string, payload: EachBatchPayload): Promise<bigint | undefined> {
    const offset = await this.retrying(payload, () => this.options.handler.claim(id));
    if (offset !== undefined) this.owned.set(id, offset);
    return offset;
  }

  /**
   * The fetch held only what no reader may see. The checkpoint has to move past it all the same, or the end would never
   * be reached.
   */
  private onNothingToRead({ topic, partition, lastOffset, highWatermark }: NothingToRead): void {
    const id = partitionId({ topic, partition });
    void this.enqueue(id, async () => {
      const expected = this.owned.get(id);
      if (expected === undefined) {
        const claimed = await this.options.handler.claim(id);
        this.owned.set(id, claimed);
        this.seek({ topic, partition }, claimed);
        return;
      }
      const nextOffset = BigInt(lastOffset) + 1n;
      if (nextOffset <= expected) return;
      const outcome = await this.options.handler.apply({
        partition: id,
        records: [],
        nextOffset,
        endOffset: BigInt(highWatermark),
      });
      if (outcome === 'applied') this.owned.set(id, nextOffset);
      else this.owned.delete(id);
    }).catch((reason: unknown) => {
      this.options.handler.troubled(messageOf(reason));
      this.owned.delete(id);
    });
  }

  private seek({ topic, partition }: { topic: string; partition: number }, offset: bigint): void {
    this.consumer.seek({ topic, partition, offset: String(offset) });
  }

  private enqueue<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const result = (this.queues.get(id) ?? Promise.resolve()).then(work, work);
    this.queues.set(
      id,
      result.catch(() => undefined),
    );
    return result;
  }

  /** Tries until it works, keeping the membership alive; undefined when the partition is no longer ours to work on. */
  private async retrying<Result>(
    payload: EachBatchPayload,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    for (let attempt = 0; ; attempt += 1) {
      if (this.stopping || !payload.isRunning() || payload.isStale()) return undefined;
      try {
        const result = await work();
        if (attempt > 0) this.options.handler.troubled(undefined);
        return result;
      } catch (failure) {
        if (!(failure instanceof CodedError) || failure.decision !== 'retry') {
          this.options.onFatal(failure);
          throw failure;
        }
        this.options.handler.troubled(messageOf(failure));
        await pause(backoffMs(attempt));
        await payload.heartbeat();
      }
    }
  }
}

interface NothingToRead {
  readonly topic: string;
  readonly partition: number;
  readonly lastOffset: string;
  readonly highWatermark: string;
}

/** Where the fetch began. kafkajs has it on every batch, though not in its types. */
function fetchedOffset(batch: Batch): bigint | undefined {
  if (!('fetchedOffset' in batch)) return undefined;
  const { fetchedOffset: offset } = batch;
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
