import type { Envelope, StreamContract } from '@reprise/contracts';
import {
  callsFor,
  hasReached,
  messageOf,
  parsePartitionId,
  partitionId,
  type Positions,
} from '@reprise/kernel';
import { StreamDecoder } from './codec.js';
import type { LogConnection } from './connection.js';
import { LogAdmin } from './offsets.js';
import { RecordFetcher } from './record-fetcher.js';
import { readRecord, type ReadRecord } from './records.js';
import { whileAway } from './while-away.js';

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
  /** A fetch that takes longer has failed, and is done again. Default 20 s. */
  readonly answerLimitMs?: number;
}

const fetchLimits = { maxBytes: 4 << 20, maxWaitMs: 500 };
const firstBackoffMs = 100;
const longestBackoffMs = 3_000;

/**
 * Hands every record of a (small) stream to this process, from the first to the newest and on as they come: the whole
 * stream in every process that asks, without a group. No record is handed over twice, also when the broker was away.
 */
export class StreamTail<State> {
  private readonly decoder: StreamDecoder<State>;
  private readonly admin: LogAdmin;
  private readonly fetcher: RecordFetcher;
  /** Next offsets of all partitions, once they are known. */
  private readonly next = new Map<string, bigint>();
  private readonly waiting = new Set<{ ends: Positions; resolve: () => void }>();
  private following: Promise<void> = Promise.resolve();
  private pausing: NodeJS.Timeout | undefined;
  private goOn: () => void = () => undefined;
  private stopping = false;

  constructor(private readonly options: StreamTailOptions<State>) {
    const { contract, connection, fields } = options;
    this.decoder = fields
      ? StreamDecoder.fields<State>(contract, connection, fields)
      : StreamDecoder.whole(contract, connection);
    this.admin = new LogAdmin(connection);
    this.fetcher = new RecordFetcher(connection, options.answerLimitMs);
  }

  /** Resolves when everything that was in the stream at the call has been handed over. Waits for a broker that is away. */
  async start(): Promise<void> {
    const { onAway } = this.options.connection;
    const waiting = { onAway, goOn: () => !this.stopping };
    const starts = await whileAway(() => this.admin.startOffsets(this.options.contract.topic), waiting);
    for (const [id, offset] of starts) this.next.set(id, offset);
    this.following = this.follow();
    await whileAway(() => this.caughtUp(), waiting);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.pausing);
    this.goOn();
    await this.fetcher.stop();
    await this.following;
    await this.admin.stop();
  }

  /** Next offsets: everything below was handed over. */
  positions(): Positions {
    return new Map(this.next);
  }

  /** Resolves when everything that is in the stream at the call has been handed over. */
  async caughtUp(): Promise<void> {
    const ends = await this.admin.endOffsets([this.options.contract.topic]);
    if (hasReached(this.next, ends)) return;
    await new Promise<void>((resolve) => {
      this.waiting.add({ ends, resolve });
    });
  }

  /** Reads on for ever; whatever keeps it from that for a while is waited for. */
  private async follow(): Promise<void> {
    const { connection, contract, onFatal } = this.options;
    for (let waitMs = firstBackoffMs; !this.stopping;) {
      try {
        await this.readOn();
        waitMs = firstBackoffMs;
      } catch (failure) {
        if (this.isStopping()) return;
        if (!callsFor(failure, 'retry')) {
          onFatal?.(failure);
          return;
        }
        connection.onWarning?.(`stream ${contract.name} is followed anew`, { reason: messageOf(failure) });
        await this.rest(waitMs);
        if (failure.code === 'offset-out-of-range') await this.realign();
        waitMs = Math.min(2 * waitMs, longestBackoffMs);
      }
    }
  }

  private async readOn(): Promise<void> {
    const { topic } = this.options.contract;
    const positions = [...this.next].map(([id, offset]) => ({ ...parsePartitionId(id), offset }));
    const fetched = await this.fetcher.fetch(topic, positions, fetchLimits);
    for (const { partition, messages, fetchedOffset, nextOffset } of fetched) {
      const id = partitionId({ topic, partition });
      for (const message of messages) {
        if (this.isStopping()) return;
        const record = readRecord(message);
        await this.handOver(id, record);
        this.next.set(id, record.offset + 1n);
      }
      if (nextOffset > fetchedOffset) this.advance(id, nextOffset);
    }
  }

  /** What was not read yet is gone, or the stream was made anew: what is there is handed over from its beginning. */
  private async realign(): Promise<void> {
    try {
      const { topic } = this.options.contract;
      const [starts, ends] = [await this.admin.startOffsets(topic), await this.admin.endOffsets([topic])];
      for (const [id, start] of starts) {
        const next = this.next.get(id) ?? 0n;
        if (next < start || next > (ends.get(id) ?? 0n)) this.next.set(id, start);
      }
    } catch {
      // The next fetch fails in the same way, and this is tried again.
    }
  }

  private async handOver(partition: string, record: ReadRecord): Promise<void> {
    const { onRecord, onUndecodable } = this.options;
    const { key, value, entityVersion, offset, timestampMs } = record;
    try {
      const envelope = value === null ? null : await this.decoder.decode(value);
      onRecord({ key, envelope, entityVersion, partition, offset, timestampMs });
    } catch (failure) {
      if (!callsFor(failure, 'set-aside')) throw failure;
      onUndecodable?.(messageOf(failure), { key, value, entityVersion, offset, timestampMs, partition });
    }
  }

  private advance(partition: string, nextOffset: bigint): void {
    this.next.set(partition, nextOffset);
    this.options.onAdvance?.();
    for (const waiter of this.waiting) {
      if (!hasReached(this.next, waiter.ends)) continue;
      this.waiting.delete(waiter);
      waiter.resolve();
    }
  }

  private rest(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.goOn = resolve;
      this.pausing = setTimeout(resolve, durationMs);
    });
  }

  /** It may have become so in the meantime. */
  private isStopping(): boolean {
    return this.stopping;
  }
}
