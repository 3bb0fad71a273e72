import { CompressionTypes, type Producer } from 'kafkajs';
import { partitioner } from './partitioner.js';
import { connectKafka, type LogConnection } from './connection.js';
import { logError } from './errors.js';

/** A record to append. `value` null is a tombstone. */
export interface LogRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Appends records with acks=all and an idempotent producer, one request in flight, so that records of a key keep their
 * order. After a failure the producer is thrown away: whether the broker took the records is then unknown, and a fresh
 * one must not be confused by the old one's sequence numbers.
 */
export class LogProducer {
  private producer: Producer | undefined;

  constructor(private readonly connection: LogConnection) {}

  /**
   * Resolves when every record is acknowledged, in each partition in the order given.
   * @throws CodedError `log-unavailable`: some, all or none may have been appended; append them again.
   */
  async append(records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    try {
      const producer = (this.producer ??= await this.connect());
      await producer.sendBatch({
        acks: -1,
        compression: CompressionTypes.None,
        topicMessages: byTopic(records),
      });
    } catch (cause) {
      await this.stop();
      throw logError('log-unavailable', 'records could not be appended', cause);
    }
  }

  async stop(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await producer?.disconnect();
  }

  private async connect(): Promise<Producer> {
    const producer = connectKafka(this.connection).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: partitioner,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    await producer.connect();
    return producer;
  }
}

function byTopic(records: readonly LogRecord[]) {
  const topics = new Map<string, { key: string; value: Buffer | null; headers: Record<string, string> }[]>();
  for (const { topic, key, value, headers } of records) {
    const messages = topics.get(topic) ?? [];
    if (messages.length === 0) topics.set(topic, messages);
    messages.push({ key, value, headers: { ...headers } });
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}
