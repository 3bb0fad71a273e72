import kafkajs, { type Admin, type KafkaMessage } from 'kafkajs';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';
import { answered } from './within-limit.js';

/** Where to read from. */
export interface FetchPosition {
  readonly partition: number;
  readonly offset: bigint;
}

/** What one fetch brought of a partition. */
export interface FetchedRecords {
  readonly partition: number;
  /** Where it was read from. */
  readonly fetchedOffset: bigint;
  /** Committed records only, in order, from the offset asked for. */
  readonly messages: readonly KafkaMessage[];
  /** Everything below was covered, also when it held nothing to read; the offset asked for when nothing was. */
  readonly nextOffset: bigint;
}

export interface FetchLimits {
  readonly maxBytes: number;
  /** How long the broker may wait for records when there are none. */
  readonly maxWaitMs: number;
}

/**
 * Reads records from any offsets, without a group, by a connection of its own. A fetch that is not answered within
 * `answerLimitMs` (beyond the time that the broker may wait) has failed.
 */
export class RecordFetcher {
  private admin: Promise<Admin> | undefined;
  private stopped = false;

  constructor(
    private readonly connection: LogConnection,
    private readonly answerLimitMs = 20_000,
  ) {}

  /** @throws CodedError `log-unavailable`, `offset-out-of-range` when a partition holds no such offset (any more). */
  async fetch(
    topic: string,
    positions: readonly FetchPosition[],
    { maxBytes, maxWaitMs }: FetchLimits,
  ): Promise<readonly FetchedRecords[]> {
    if (this.stopped) throw logError('log-unavailable', `${topic} is not read any more`);
    const admin = (this.admin ??= this.connect());
    try {
      const fetched = answered(
        admin.then((connected) =>
          connected.fetchRecords({
            topic,
            partitions: positions.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
            maxBytes,
            maxWaitTimeInMs: maxWaitMs,
          }),
        ),
        maxWaitMs + this.answerLimitMs,
      );
      const from = new Map(positions.map(({ partition, offset }) => [partition, offset]));
      return (await fetched).map((part) => covered(from.get(part.batch.partition) ?? 0n, part));
    } catch (cause) {
      if (this.admin === admin) await this.disconnect();
      const code = isOutOfRange(cause) ? 'offset-out-of-range' : 'log-unavailable';
      throw logError(code, `${topic} could not be read`, cause);
    }
  }

  /** Nothing is fetched afterwards, also not by who asks later. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.disconnect();
  }

  private async disconnect(): Promise<void> {
    const { admin } = this;
    this.admin = undefined;
    await (await admin?.catch(() => undefined))?.disconnect();
  }

  private async connect(): Promise<Admin> {
    const admin = connectKafka(this.connection).admin({ retry: { retries: 2 } });
    await admin.connect();
    return admin;
  }
}

type Part = Awaited<ReturnType<Admin['fetchRecords']>>[number];

/**
 * An empty answer: up to the last stable offset there is nothing to read (a compacted end), what is above belongs to open
 * transactions; or the broker holds back whoever reads too fast, and nothing is said.
 */
function covered(
  fetchedOffset: bigint,
  { batch, isEmpty, lastStableOffset, isThrottled }: Part,
): FetchedRecords {
  const { partition, messages } = batch;
  if (!isEmpty) return { partition, fetchedOffset, messages, nextOffset: BigInt(batch.lastOffset()) + 1n };
  const stable = BigInt(lastStableOffset);
  const nextOffset = isThrottled || stable < fetchedOffset ? fetchedOffset : stable;
  return { partition, fetchedOffset, messages, nextOffset };
}

function isOutOfRange(failure: unknown): boolean {
  return failure instanceof kafkajs.KafkaJSProtocolError && failure.type === 'OFFSET_OUT_OF_RANGE';
}
