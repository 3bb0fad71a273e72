import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, PublishedKafka, logLevel, publishedLogLevel } from '../clients.js';

export interface TopicToRead {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Partitions worked on at the same time. */
  readonly concurrency: number;
  readonly client: ClientVariant;
}

/** kafkajs as everybody has it, or with the patch that the platform itself reads with. */
export type ClientVariant = 'published' | 'patched';

export interface RecordBatch {
  readonly messages: readonly { readonly key: Buffer | null; readonly value: Buffer | null }[];
}

/** Every record of the topic once, in the client's own batches; resolves when `work` is done with the last. */
export async function readTopic(
  { brokers, topic, concurrency, client }: TopicToRead,
  work: (batch: RecordBatch) => Promise<void> | void,
): Promise<number> {
  const options = { clientId: 'yardstick', brokers: [...brokers] };
  const kafka =
    client === 'patched'
      ? new Kafka({ ...options, logLevel: logLevel.ERROR })
      : new PublishedKafka({ ...options, logLevel: publishedLogLevel.ERROR });
  const total = await recordsIn(kafka, topic);
  const consumer = kafka.consumer({
    groupId: `yardstick.${randomUUID()}`,
    maxBytesPerPartition: 4 << 20,
    maxBytes: 16 << 20,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    let read = 0;
    const eachBatch = async ({ batch }: { batch: RecordBatch }): Promise<void> => {
      try {
        await work(batch);
      } catch (failure) {
        reject(failure instanceof Error ? failure : new Error(String(failure)));
        return;
      }
      read += batch.messages.length;
      if (read >= total) resolve();
    };
    const running = consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch,
    });
    running.catch(reject);
  });
  // Its fetches of what never comes may take long to end; the process ends anyway.
  void Promise.race([consumer.disconnect(), pause(3_000)]);
  return total;
}

async function recordsIn(kafka: Kafka | PublishedKafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
}

/** The value of the last record of every partition that has one. */
export async function lastRecords(brokers: readonly string[], topic: string): Promise<Buffer[]> {
  const kafka = new Kafka({ clientId: 'yardstick', brokers: [...brokers], logLevel: logLevel.ERROR });
  const admin = kafka.admin();
  await admin.connect();
  const ends = (await admin.fetchTopicOffsets(topic)).filter(({ high, low }) => high !== low);
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `yardstick.${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topic });
  const found = new Map<number, Buffer>();
  await new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const { partition, high } of ends)
        consumer.seek({ topic, partition, offset: String(BigInt(high) - 1n) });
    });
    const running = consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        if (message.value) found.set(partition, message.value);
        if (found.size === ends.length) resolve();
      },
    });
    running.catch(reject);
  });
  await consumer.disconnect();
  return [...found.values()];
}
