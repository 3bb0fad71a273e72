import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { StreamContract } from '@reprise/contracts';
import { hasReached, partitionId } from '@reprise/kernel';
import { testConnections, uniqueName } from '@reprise/testing';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import {
  LogAdmin,
  LogProducer,
  PartitionReader,
  provisionStreams,
  StreamDecoder,
  StreamEncoder,
  StreamTail,
  type LogConnection,
} from './index.js';
import { envelope, parcels, RecordingHandler, type Parcel } from '../test/parcels.js';
import { RecordFetcher } from './record-fetcher.js';

/** One that writes in transactions, which we never do. */
async function foreignProducer({ brokers }: LogConnection): Promise<Producer> {
  const producer = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).producer({
    transactionalId: uniqueName('tx'),
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  return producer;
}

describe('the log on a real broker and registry', () => {
  let connection: LogConnection;
  const open: { stop(): Promise<void> }[] = [];

  beforeAll(() => {
    const { kafkaBrokers, registryUrl } = testConnections();
    connection = { brokers: kafkaBrokers, registryUrl, clientId: 'log-test' };
  });

  afterEach(async () => {
    for (const thing of open.splice(0).toReversed()) await thing.stop();
  });

  const opened = <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing => {
    open.push(thing);
    return thing;
  };

  async function append(contract: StreamContract<Parcel>, keys: readonly string[]): Promise<void> {
    const encoder = await StreamEncoder.open(contract, connection);
    const producer = opened(new LogProducer(connection));
    const record = (key: string, index: number) => ({
      topic: contract.topic,
      key,
      value: encoder.encode(envelope({ id: key, weightGrams: index, note: null })),
      headers: {},
    });
    await producer.append(keys.map(record));
  }

  function read(
    contract: StreamContract<Parcel>,
    handler: RecordingHandler,
    groupId = uniqueName('group'),
  ): PartitionReader {
    const fail = (reason: unknown): never => {
      throw reason;
    };
    return opened(
      new PartitionReader({
        connection,
        groupId,
        topics: [contract.topic],
        handler,
        maxChunkRecords: 10,
        concurrency: 2,
        onFatal: fail,
      }),
    );
  }

  test('provisioning twice changes nothing, and another number of partitions is refused', async () => {
    const contract = parcels();
    await provisionStreams({ contract }, connection);
    await provisionStreams({ contract }, connection);
    const grown = { ...contract, partitions: 5 };
    await expect(provisionStreams({ grown }, connection)).rejects.toMatchObject({ code: 'stream-differs' });
  });

  test('a topic that keeps every record is not compacted from one day to the next, unless it is empty', async () => {
    const contract = { ...parcels(), settings: { 'cleanup.policy': 'delete' } };
    const compacted = { ...contract, settings: { 'cleanup.policy': 'compact' } };
    await provisionStreams({ contract }, connection);
    await provisionStreams({ compacted }, connection);
    await provisionStreams({ contract }, connection);
    const producer = new LogProducer(connection);
    await producer.append([{ topic: contract.topic, key: 'p', value: null, headers: {} }]);
    await producer.stop();
    await expect(provisionStreams({ compacted }, connection)).rejects.toMatchObject({
      code: 'stream-differs',
      message: expect.stringContaining('copy it to a new stream'),
    });
  });

  test('a schema that would break a reader is refused by the registry', async () => {
    const contract = parcels();
    await provisionStreams({ contract }, connection);
    const broken = { ...contract, schema: { ...contract.schema, fields: contract.schema.fields.slice(1) } };
    await expect(provisionStreams({ broken }, connection)).rejects.toMatchObject({
      code: 'contract-refused',
    });
  });

  test('only the declared fields are decoded', async () => {
    const contract = parcels();
    await provisionStreams({ contract }, connection);
    const encoder = await StreamEncoder.open(contract, connection);
    const bytes = encoder.encode(envelope({ id: 'a', weightGrams: 7, note: 'fragile' }));
    const whole = await StreamDecoder.whole(contract, connection).decode(bytes);
    expect({ ...whole.state }).toEqual({ id: 'a', weightGrams: 7, note: 'fragile' });
    const narrow = await StreamDecoder.fields(contract, connection, ['weightGrams']).decode(bytes);
    expect({ ...Object(narrow.state) }).toEqual({ weightGrams: 7 });
  });

  test.each([
    ['a value that is not framed', Buffer.from('hello world')],
    ['a value of an unknown schema', Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2])],
  ])('%s is set aside, not retried', async (_, bytes) => {
    const contract = parcels();
    await provisionStreams({ contract }, connection);
    await expect(StreamDecoder.whole(contract, connection).decode(bytes)).rejects.toMatchObject({
      decision: 'set-aside',
    });
  });

  test('every record is handed over once, in order, up to the end', async () => {
    const contract = parcels();
    await provisionStreams({ contract }, connection);
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`);
    await append(contract, keys);
    const handler = new RecordingHandler();
    await read(contract, handler).start();
    await handler.when(() => handler.keys().length >= 100);
    expect(handler.keys().toSorted()).toEqual(keys.toSorted());
    for (const { records } of handler.chunks) expect(records.length).toBeLessThanOrEqual(10);
  });

  test('reading goes on at the checkpoint that claim returns, whatever the group committed', async () => {
    const contract = parcels(1);
    await provisionStreams({ contract }, connection);
    await append(
      contract,
      Array.from({ length: 40 }, (_, index) => `k${index}`),
    );
    const handler = new RecordingHandler();
    handler.checkpoints.set(partitionId({ topic: contract.topic, partition: 0 }), 25n);
    await read(contract, handler).start();
    await handler.when(() => handler.keys().length >= 15);
    expect(handler.keys()[0]).toBe('k25');
    expect(handler.chunks[0]?.records[0]?.offset).toBe(25n);
  });

  test('a log that ends before the checkpoint is said to have lost records, and what it gets next is not passed over', async () => {
    const contract = parcels(1);
    await provisionStreams({ contract }, connection);
    await append(contract, ['a', 'b', 'c']);
    const handler = new RecordingHandler();
    const id = partitionId({ topic: contract.topic, partition: 0 });
    handler.checkpoints.set(id, 5n);
    await read(contract, handler).start();
    await handler.whenTroubled();
    await append(contract, ['d', 'e', 'f']);
    await handler.whenTroubled();
    expect(handler.troubles.at(-1)).toContain(
      `the log of ${id} ends at 3, but 5 was reached: it lost records`,
    );
    expect(handler.keys()).toEqual([]);
  });

  test('a fenced chunk is claimed anew and read again', async () => {
    const contract = parcels(1);
    await provisionStreams({ contract }, connection);
    const handler = new RecordingHandler();
    handler.fenceNext = true;
    await read(contract, handler).start();
    await append(contract, ['a', 'b', 'c']);
    await append(contract, ['d']);
    await handler.when(() => handler.keys().includes('d'));
    expect(handler.keys()).toEqual(['a', 'b', 'c', 'd']);
    expect(handler.claims).toHaveLength(2);
  });

  test('the checkpoint moves past transaction markers at the end of a partition', async () => {
    const contract = parcels(1);
    await provisionStreams({ contract }, connection);
    const foreign = await foreignProducer(connection);
    const transaction = await foreign.transaction();
    await transaction.send({
      topic: contract.topic,
      messages: [{ key: 'gone', value: Buffer.from('aborted') }],
    });
    await transaction.abort();
    await foreign.disconnect();
    const admin = opened(new LogAdmin(connection));
    // The broker writes the marker after it answered; until then the committed end stands before the transaction.
    let ends = await admin.endOffsets([contract.topic]);
    while (ends.get(partitionId({ topic: contract.topic, partition: 0 })) === 0n) {
      ends = await admin.endOffsets([contract.topic]);
    }
    const handler = new RecordingHandler();
    await read(contract, handler).start();
    await handler.when(() => hasReached(handler.checkpoints, ends));
    expect(handler.keys()).toEqual([]);
  });

  test('two readers of a group share the partitions, and one takes over when the other leaves', async () => {
    const contract = parcels(2);
    await provisionStreams({ contract }, connection);
    const group = uniqueName('group');
    const [left, right] = [new RecordingHandler(), new RecordingHandler()];
    // One store: both go on where the other stopped.
    Object.defineProperty(right, 'checkpoints', { value: left.checkpoints });
    const first = read(contract, left, group);
    await first.start();
    await append(contract, ['a', 'b', 'c', 'd']);
    await left.when(() => left.keys().length === 4);
    await read(contract, right, group).start();
    await first.stop();
    await append(contract, ['e', 'f', 'g', 'h']);
    await right.when(() => left.keys().length + right.keys().length >= 8);
    expect([...left.keys(), ...right.keys()].toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
  });

  test('a tail hands over the whole stream before start returns, and goes on', async () => {
    const contract = parcels();
    await provisionStreams({ contract }, connection);
    await append(contract, ['a', 'b', 'c']);
    const seen: string[] = [];
    let told: () => void = () => undefined;
    const more = new Promise<void>((resolve) => {
      told = resolve;
    });
    const tail = opened(
      new StreamTail({
        contract,
        connection,
        onRecord: ({ key }) => {
          seen.push(key);
          if (key === 'later') told();
        },
      }),
    );
    await tail.start();
    expect(seen.toSorted()).toEqual(['a', 'b', 'c']);
    await append(contract, ['later']);
    await more;
    expect(seen).toContain('later');
  });

  test('a tail waits before a transaction that is open, and hands over what it committed and what came behind it', async () => {
    const contract = parcels(1);
    await provisionStreams({ contract }, connection);
    await append(contract, ['before']);
    const encoder = await StreamEncoder.open(contract, connection);
    const foreign = await foreignProducer(connection);
    const transaction = await foreign.transaction();
    const parcel = { id: 'within', weightGrams: 1, note: null };
    await transaction.send({
      topic: contract.topic,
      messages: [{ key: 'within', value: encoder.encode(envelope(parcel)) }],
    });
    await append(contract, ['behind']);
    const seen: string[] = [];
    const handedOver = Promise.withResolvers<undefined>();
    const tail = opened(
      new StreamTail({
        contract,
        connection,
        onRecord: ({ key }) => {
          seen.push(key);
          if (key === 'behind') handedOver.resolve(undefined);
        },
      }),
    );
    await tail.start();
    expect(seen).toEqual(['before']);
    const fetcher = opened(new RecordFetcher(connection));
    const limits = { maxBytes: 1 << 20, maxWaitMs: 50 };
    expect(await fetcher.fetch(contract.topic, [{ partition: 0, offset: 1n }], limits)).toEqual([
      { partition: 0, fetchedOffset: 1n, messages: [], nextOffset: 1n },
    ]);
    await transaction.commit();
    await handedOver.promise;
    expect(seen).toEqual(['before', 'within', 'behind']);
    await foreign.disconnect();
  });

  test('keys land where Java’s murmur2 puts them', async () => {
    const contract = parcels(6);
    await provisionStreams({ contract }, connection);
    await append(contract, ['2013-01-01-UA1545-EWR', 'JFK', 'a', 'Ünïcode']);
    const handler = new RecordingHandler();
    await read(contract, handler).start();
    await handler.when(() => handler.keys().length === 4);
    const placed = Object.fromEntries(
      handler.chunks.flatMap(({ partition, records }) =>
        records.map(({ key }) => [key, Number(partition.split('/')[1])]),
      ),
    );
    expect(placed).toEqual({ '2013-01-01-UA1545-EWR': 2, JFK: 1, a: 4, Ünïcode: 5 });
  });
});
