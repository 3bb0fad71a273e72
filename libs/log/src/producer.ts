import { CompressionTypes, type ICustomPartitioner, type Message, type Producer } from 'kafkajs';
import { partitioner } from './partitioner.js';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';
import { recordKey } from './record-key.js';
import { placesOf, type RecordPlace } from './record-places.js';

/** A record to append. `value` null is a tombstone. */
export interface LogRecord {
  readonly topic: string;
  /** The entity's. */
  readonly key: string;
  /** Version of the event that the record keeps, in a history: it has a record key of its own there. */
  readonly event?: number | undefined;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

interface Sent {
  readonly topic: string;
  readonly message: Message;
}

/**
 * A request's records of one partition are one batch of the broker's, which takes 1 MiB at most: below that even when all
 * are of one partition.
 */
const requestBytes = 900 * 1_024;
/** Lengths, offsets and times of a record, at most. */
const frameBytes = 64;

/**
 * Appends records with acks=all and an idempotent producer, one request in flight, so that records of a key keep their
 * order. After a failure the producer is thrown away: whether the broker took the records is then unknown, and a fresh
 * one must not be confused by the old one's sequence numbers.
 */
export class LogProducer {
  private producer: Producer | undefined;
  /** The partition of each message, as it was chosen when the request was made. */
  private readonly partitions = new WeakMap<Message, number>();

  /** `name`: of producers with this name one appends at a time, see {@link takeOver}. */
  constructor(
    private readonly connection: LogConnection,
    private readonly name?: string,
  ) {}

  /**
   * Becomes the producer of its name. What another one of that name has sent or sends is refused from now on by every partition
   * that this one has appended to. A failed append ends it: a producer with a name appends only what was read after it took
   * over, so it never takes over by itself. The broker forgets a name after 7 days in which nobody took it over.
   * @throws CodedError `log-unavailable`.
   */
  async takeOver(): Promise<void> {
    await this.stop();
    try {
      this.producer = await this.connect();
    } catch (cause) {
      throw logError('log-unavailable', 'the log could not be taken over', cause);
    }
  }

  /**
   * Resolves when every record is acknowledged, in each partition in the order given. Returns where each landed.
   * @throws CodedError `log-unavailable`: some, all or none may have been appended; append them again.
   */
  async append(records: readonly LogRecord[]): Promise<readonly RecordPlace[]> {
    const places: RecordPlace[] = [];
    try {
      for (const request of requestsOf(records)) places.push(...(await this.send(request)));
      return places;
    } catch (cause) {
      await this.stop();
      throw logError('log-unavailable', 'records could not be appended', cause);
    }
  }

  /** Not while an append is on its way: the client would never answer it, or try it once more. */
  async stop(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await producer?.disconnect();
  }

  private async send(records: readonly LogRecord[]): Promise<readonly RecordPlace[]> {
    const producer = (this.producer ??= await this.connectUnnamed());
    const sent = records.map(({ topic, key, event, value, headers }) => ({
      topic,
      message: { key: recordKey(key, event), value, headers: { ...headers } },
    }));
    const acknowledged = await producer.sendBatch({
      acks: -1,
      compression: CompressionTypes.None,
      topicMessages: byTopic(sent),
    });
    return placesOf(
      sent.map(({ topic, message }) => ({ topic, partition: this.partitions.get(message) ?? -1 })),
      acknowledged.map(({ topicName: topic, partition, baseOffset = '-1' }) => ({
        ...{ topic, partition },
        baseOffset: BigInt(baseOffset),
      })),
    );
  }

  private connectUnnamed(): Promise<Producer> {
    if (this.name === undefined) return this.connect();
    throw new RangeError(`the name ${this.name} was not taken over`);
  }

  private async connect(): Promise<Producer> {
    const { name } = this;
    const producer = connectKafka(this.connection).producer({
      idempotent: true,
      ...(name !== undefined && { fenced: true, transactionalId: name }),
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: this.rememberingPartitioner,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    try {
      await producer.connect();
      return producer;
    } catch (failure) {
      await producer.disconnect().catch(() => undefined);
      throw failure;
    }
  }

  private readonly rememberingPartitioner: ICustomPartitioner = () => {
    const choose = partitioner();
    return (choice) => {
      const partition = choose(choice);
      this.partitions.set(choice.message, partition);
      return partition;
    };
  };
}

/** The records in their order, cut into requests that the broker takes. A record too large for any is one alone. */
function requestsOf(records: readonly LogRecord[]): LogRecord[][] {
  const requests: LogRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    const size = sizeOf(record);
    if (bytes + size > requestBytes) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)?.push(record);
    bytes += size;
  }
  return requests;
}

function sizeOf({ key, value, headers }: LogRecord): number {
  let bytes = frameBytes + Buffer.byteLength(key) + (value?.length ?? 0);
  for (const [name, text] of Object.entries(headers)) bytes += 4 + name.length + Buffer.byteLength(text);
  return bytes;
}

function byTopic(sent: readonly Sent[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, message } of sent) {
    const messages = topics.get(topic) ?? [];
    if (messages.length === 0) topics.set(topic, messages);
    messages.push(message);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
