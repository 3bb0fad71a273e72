import { parsePartitionId } from '@reprise/kernel';
import type { LogConnection } from './connection.js';
import { RecordFetcher, type FetchedRecords } from './record-fetcher.js';
import { readRecord } from './records.js';

/** A record without its place: all that tells an entity's newest state. `value` null is a tombstone. */
export interface ScannedRecord {
  readonly key: string;
  readonly value: Buffer | null;
  /** The entity's version by the record's header; undefined when a foreign producer wrote none. */
  readonly entityVersion: number | undefined;
}

/** Consecutive offsets of one partition: all records in [`from`, `to`), in order. */
export interface LogWindow {
  readonly from: bigint;
  readonly to: bigint;
  readonly records: readonly ScannedRecord[];
}

export interface ScanRange {
  /** `topic/partition`. */
  readonly partition: string;
  readonly from: bigint;
  /** The offset after the last one. */
  readonly to: bigint;
}

const fetchBytes = 4 << 20;
/** What a window takes in memory, about. Four times as much was slower. */
const windowBytes = 2 << 20;
/** Until something was read. */
const assumedBytesPerOffset = 700;
const leastWindow = 500;

/** Reads any part of a partition, in windows, without a group: committed records only. */
export class LogScanner {
  private readonly fetcher: RecordFetcher;

  constructor(connection: LogConnection) {
    this.fetcher = new RecordFetcher(connection);
  }

  /** From the newest window to the oldest: whoever meets an entity there meets its newest state first. */
  async *backwards({ partition, from, to }: ScanRange): AsyncGenerator<LogWindow> {
    const density = new Density();
    let top = to;
    let ahead: Promise<LogWindow> | undefined;
    const windowBelow = (end: bigint): Promise<LogWindow> | undefined => {
      if (end <= from) return undefined;
      const size = density.offsetsIn(windowBytes);
      return handled(
        this.window({ partition, from: end - size > from ? end - size : from, to: end }, density),
      );
    };
    for (ahead = windowBelow(top); ahead;) {
      const window = await ahead;
      top = window.from;
      ahead = windowBelow(top);
      yield window;
    }
  }

  /** From the oldest window to the newest. */
  async *forwards({ partition, from, to }: ScanRange): AsyncGenerator<LogWindow> {
    const density = new Density();
    const windowFrom = (start: bigint): Promise<LogWindow> | undefined => {
      if (start >= to) return undefined;
      const end = start + density.offsetsIn(windowBytes);
      return handled(this.window({ partition, from: start, to: end < to ? end : to }, density));
    };
    for (let ahead = windowFrom(from); ahead;) {
      const window = await ahead;
      ahead = windowFrom(window.to);
      yield window;
    }
  }

  /** A window that is being read ahead ends with a failure, as does every other one. */
  stop(): Promise<void> {
    return this.fetcher.stop();
  }

  private async window({ partition, from, to }: ScanRange, density: Density): Promise<LogWindow> {
    const records: ScannedRecord[] = [];
    let bytes = 0;
    for (let at = from; at < to;) {
      const { messages, nextOffset } = await this.fetch(partition, at, density.bytesOf(to - at));
      for (const message of messages) {
        const record = readRecord(message);
        if (nextOffset > to && record.offset >= to) continue;
        records.push(record);
        bytes += message.encodedSize ?? message.size ?? 0;
      }
      at = nextOffset;
    }
    density.learn(to - from, bytes);
    return { from, to, records };
  }

  private async fetch(
    id: string,
    offset: bigint,
    bytes: number,
  ): Promise<Pick<FetchedRecords, 'messages' | 'nextOffset'>> {
    const { topic, partition } = parsePartitionId(id);
    const limits = { maxBytes: Math.min(fetchBytes, bytes), maxWaitMs: 500 };
    const [fetched] = await this.fetcher.fetch(topic, [{ partition, offset }], limits);
    return fetched ?? { messages: [], nextOffset: offset };
  }
}

/** How many bytes an offset takes, as far as is known: compaction leaves holes. */
class Density {
  private bytesPerOffset = assumedBytesPerOffset;

  offsetsIn(bytes: number): bigint {
    return BigInt(Math.max(leastWindow, Math.floor(bytes / this.bytesPerOffset)));
  }

  /** What comes beyond a window is decoded for nothing; where it is short, the rest is fetched. */
  bytesOf(offsets: bigint): number {
    return Math.ceil(Number(offsets) * this.bytesPerOffset) + (64 << 10);
  }

  learn(offsets: bigint, bytes: number): void {
    this.bytesPerOffset = Math.max(1, bytes / Number(offsets));
  }
}

/** It is awaited later: until then its failure is nobody's. */
function handled<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => undefined);
  return promise;
}
