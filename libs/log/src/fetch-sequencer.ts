import { callsFor, messageOf } from '@reprise/kernel';
import type { ReadRecord } from './records.js';

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

/** Records that are made of what was fetched a chunk at a time: a fetch may hold many, and wait long. */
export interface RecordList {
  readonly length: number;
  slice(from: number, to: number): readonly ReadRecord[];
}

/** One fetch of one partition. */
export interface Fetch {
  readonly partition: string;
  /** Where it began. */
  readonly fetchedOffset: bigint | undefined;
  readonly records: RecordList;
  /** The offset after everything that it covers. */
  readonly nextOffset: bigint;
  readonly endOffset: bigint;
}

/** How the fetch came here: by a membership that may end at any time. */
export interface FetchSession {
  /** False when the partition may have gone to somebody else. */
  isCurrent(): boolean;
  /** Keeps the membership alive. Throws when it has ended. */
  heartbeat(): Promise<void>;
  /** Everything below was worked on. */
  resolve(nextOffset: bigint): void;
}

export interface SequencerOptions {
  readonly handler: PartitionHandler;
  /** Most records handed over at once. */
  readonly maxChunkRecords: number;
  readonly seek: (partition: string, offset: bigint) => void;
  /** Waits before the next try; `attempt` counts from 0. */
  readonly pause: (attempt: number) => Promise<void>;
  /** Calls again and again, until the returned function is called. */
  readonly every: (periodMs: number, work: () => void) => () => void;
  readonly nowMs: () => number;
  readonly onFatal: (reason: unknown) => void;
}

/** A chunk should take no longer than this, so that leaving or handing over a partition never takes long. */
const chunkTargetMs = 500;
/** Who is this many records behind has readers who wait anyway. */
export const farBehindRecords = 20_000n;
/** Nobody waits for this chunk then: fewer and larger ones, of which each holds more that is superseded. */
const farBehindTargetMs = 2_000;
const leastChunkRecords = 50;
const heartbeatMs = 1_000;
/** Pauses as after this many tries: about a second. */
const fencedAttempt = 4;

/**
 * Brings the fetches of a consumer into the order that a handler is promised. A partition is `unowned` → `assigned` →
 * `claimed` at the offset that its claim returned → `unowned`. Every fetch must start exactly where the last chunk ended:
 * one that does not (a seek or a rebalance came between) is thrown away and fetched anew. So neither the group's committed
 * offsets nor the client's own positions ever decide what is applied.
 */
export class FetchSequencer {
  private readonly assigned = new Set<string>();
  /** Next offset by partition; absent = not claimed. */
  private readonly claimed = new Map<string, bigint>();
  /** The end of each partition's queue of work: fetches and markers of one partition never overlap. */
  private readonly queues = new Map<string, Promise<unknown>>();
  private readonly chunkRecords = new Map<string, number>();
  /** When each piece of work in hand was begun. */
  private readonly working = new Set<{ readonly partition: string; readonly sinceMs: number }>();
  private stopped = false;

  constructor(private readonly options: SequencerOptions) {}

  /** Next offsets of the partitions that are claimed. */
  positions(): ReadonlyMap<string, bigint> {
    return this.claimed;
  }

  assignedPartitions(): readonly string[] {
    return [...this.assigned];
  }

  /** Partitions on which one piece of work has taken this long already: slow, or waiting for a dependency, is not stalled. */
  busyFor(durationMs: number): ReadonlySet<string> {
    const now = this.options.nowMs();
    const long = [...this.working].filter(({ sinceMs }) => now - sinceMs >= durationMs);
    return new Set(long.map(({ partition }) => partition));
  }

  /** These partitions are ours now. Those that are new are claimed at once, so that also one that stays empty has an owner. */
  assign(partitions: readonly string[]): void {
    const mine = new Set(partitions);
    for (const id of this.claimed.keys()) if (!mine.has(id)) this.claimed.delete(id);
    this.assigned.clear();
    for (const id of mine) this.assigned.add(id);
    this.options.handler.assigned(partitions);
    for (const id of mine) {
      const kept = this.claimed.get(id);
      if (kept === undefined) this.claimSoon(id);
      // The client begins every membership at offset zero.
      else this.options.seek(id, kept);
    }
  }

  /** The handler lost the partition by itself: it is claimed again, and read from where that says. */
  reclaim(partition: string): void {
    this.claimed.delete(partition);
    if (this.assigned.has(partition)) this.claimSoon(partition);
  }

  onFetch(fetch: Fetch, session: FetchSession): Promise<void> {
    return this.enqueue(fetch.partition, () => this.keepingAlive(session, () => this.read(fetch, session)));
  }

  /**
   * The fetch held only what no reader may see. The checkpoint has to move past it all the same, or the end would never
   * be reached.
   */
  onNothingToRead(fetch: Fetch): void {
    const { partition, fetchedOffset } = fetch;
    this.enqueue(partition, async () => {
      const expected = this.claimed.get(partition);
      if (expected === undefined) return;
      if (fetchedOffset !== expected) {
        this.options.seek(partition, expected);
        return;
      }
      await this.apply({ ...fetch, records: [] }, () => this.assigned.has(partition));
    }).catch(() => undefined); // `onFatal` was told.
  }

  /** Finishes the chunks in hand; nothing is handed over any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.allSettled(this.queues.values());
  }

  private claimSoon(partition: string): void {
    this.enqueue(partition, async () => {
      if (this.claimed.has(partition)) return;
      const offset = await this.claim(partition, () => this.assigned.has(partition));
      if (offset !== undefined) this.options.seek(partition, offset);
    }).catch(() => undefined); // `onFatal` was told.
  }

  /**
   * Most often somebody else owns the partition now, and this process will hear of it within a heartbeat. Claimed at once,
   * the two would take it from each other.
   */
  private async reclaimLater(partition: string): Promise<void> {
    await this.options.pause(fencedAttempt);
    if (this.assigned.has(partition)) this.claimSoon(partition);
  }

  private async claim(partition: string, isCurrent: () => boolean): Promise<bigint | undefined> {
    const offset = await this.retrying(isCurrent, () => this.options.handler.claim(partition));
    if (offset === undefined || !this.assigned.has(partition)) return undefined;
    this.claimed.set(partition, offset);
    return offset;
  }

  private async read(fetch: Fetch, session: FetchSession): Promise<void> {
    const { partition, records, fetchedOffset } = fetch;
    const isCurrent = (): boolean => session.isCurrent();
    const expected = this.claimed.get(partition) ?? (await this.claim(partition, isCurrent));
    if (expected === undefined) return;
    if (fetchedOffset !== expected) {
      this.options.seek(partition, expected);
      return;
    }
    for (let from = 0; from < records.length;) {
      const chunk = records.slice(from, from + this.chunkSize(partition));
      from += chunk.length;
      const last = chunk.at(-1);
      const nextOffset = from >= records.length || !last ? fetch.nextOffset : last.offset + 1n;
      if (!(await this.apply({ ...fetch, records: chunk, nextOffset }, isCurrent))) return;
      session.resolve(nextOffset);
    }
  }

  /** False when the rest of the fetch must not be worked on. */
  private async apply(
    { partition, records, nextOffset, endOffset }: RecordChunk,
    isCurrent: () => boolean,
  ): Promise<boolean> {
    const beganMs = this.options.nowMs();
    const outcome = await this.retrying(isCurrent, () =>
      this.options.handler.apply({ partition, records, nextOffset, endOffset }),
    );
    if (outcome === 'applied') {
      const targetMs = endOffset - nextOffset > farBehindRecords ? farBehindTargetMs : chunkTargetMs;
      this.learn(partition, records.length, (this.options.nowMs() - beganMs) / targetMs);
      // Reclaimed in the meantime: the claim that waits behind this says where to go on, and must not find it claimed.
      if (!this.claimed.has(partition)) return false;
      this.claimed.set(partition, nextOffset);
      return true;
    }
    // Undefined: this fetch came by a membership or from an offset that is over. The claim may well be ours still.
    if (outcome === 'fenced') {
      this.claimed.delete(partition);
      await this.reclaimLater(partition);
    }
    return false;
  }

  private chunkSize(partition: string): number {
    return this.chunkRecords.get(partition) ?? this.options.maxChunkRecords;
  }

  /** As many records as this store takes in the time that a chunk should take. */
  private learn(partition: string, records: number, targetsTaken: number): void {
    if (records === 0) return;
    const size = this.chunkSize(partition);
    const next = targetsTaken > 1 ? Math.floor(size / 2) : targetsTaken < 0.5 ? size * 2 : size;
    const { maxChunkRecords } = this.options;
    const least = Math.min(leastChunkRecords, maxChunkRecords);
    this.chunkRecords.set(partition, Math.min(maxChunkRecords, Math.max(least, next)));
  }

  private enqueue<Result>(partition: string, work: () => Promise<Result>): Promise<Result | undefined> {
    const guarded = async (): Promise<Result | undefined> => {
      if (this.stopped) return undefined;
      const inHand = { partition, sinceMs: this.options.nowMs() };
      this.working.add(inHand);
      try {
        return await work();
      } finally {
        this.working.delete(inHand);
      }
    };
    const result = (this.queues.get(partition) ?? Promise.resolve()).then(guarded, guarded);
    this.queues.set(
      partition,
      result.catch(() => undefined),
    );
    return result;
  }

  /** However long the work takes, the membership lives; when it has ended, that is said once the work is done. */
  private async keepingAlive(session: FetchSession, work: () => Promise<void>): Promise<void> {
    let ended: { reason: unknown } | undefined;
    const stopBeating = this.options.every(heartbeatMs, () => {
      session.heartbeat().catch((reason: unknown) => {
        ended ??= { reason };
      });
    });
    try {
      await work();
    } finally {
      stopBeating();
    }
    if (ended) throw ended.reason;
    await session.heartbeat();
  }

  /** Tries until it works; undefined when the partition is no longer ours to work on. */
  private async retrying<Result>(
    isCurrent: () => boolean,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    const { handler, onFatal, pause } = this.options;
    for (let attempt = 0; ; attempt += 1) {
      if (this.stopped || !isCurrent()) return undefined;
      try {
        const result = await work();
        if (attempt > 0) handler.troubled(undefined);
        return result;
      } catch (failure) {
        if (!callsFor(failure, 'retry')) {
          onFatal(failure);
          throw failure;
        }
        handler.troubled(messageOf(failure));
        await pause(attempt);
      }
    }
  }
}
