import { afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { StreamContract } from '@reprise/contracts';
import { hasReached, partitionId } from '@reprise/kernel';
import { testConnections, uniqueName } from '@reprise/testing';
import { ConfigResourceTypes, Kafka, logLevel, type EachBatchPayload } from 'kafkajs';
import { holdConsumers, type HeldConsumers } from '../test/held-consumers.js';
import { envelope, parcels, RecordingHandler, type Parcel } from '../test/parcels.js';
import {
  LogAdmin,
  LogProducer,
  PartitionReader,
  provisionStreams,
  StreamEncoder,
  StreamTail,
  type ChunkOutcome,
  type LogConnection,
  type RecordChunk,
} from './index.js';

/** Groups take their time to come to rest, the more so on a busy machine. */
jest.setTimeout(180_000);

/** Takes its time over every chunk. */
class SlowHandler extends RecordingHandler {
  applying = 0;

  override async apply(chunk: RecordChunk): Promise<ChunkOutcome> {
    this.applying += 1;
    await pause(300);
    return super.apply(chunk);
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/** The same batch as if fetched from where the handler stands: by its place alone it would be taken. */
function goingOn(payload: EachBatchPayload, { checkpoints }: RecordingHandler): EachBatchPayload {
  const { batch } = payload;
  const place = checkpoints.get(partitionId(batch)) ?? 0n;
  const later = Object.create(batch, {
    fetchedOffset: { value: String(place) },
  }) as EachBatchPayload['batch'];
  return { ...payload, batch: later };
}

/** What the client is known to do wrong, done to the real client. */
describe('a reader whose client misbehaves', () => {
  let connection: LogConnection;
  let contract: StreamContract<Parcel>;
  const open: { stop(): Promise<void> }[] = [];
  const held: HeldConsumers = { consumers: [], batches: [] };
  const { consumers, batches } = held;
  const told: string[] = [];
  let nextFetch: (() => Promise<never>) | undefined;

  beforeAll(() => {
    const { kafkaBrokers, registryUrl } = testConnections();
    const onWarning = (message: string): void => {
      told.push(message);
    };
    connection = { brokers: kafkaBrokers, registryUrl, clientId: 'reader-faults', onWarning };
  });

  afterEach(async () => {
    for (const thing of open.splice(0).toReversed()) await thing.stop();
    jest.restoreAllMocks();
    for (const kept of [consumers, batches]) kept.length = 0;
    told.length = 0;
    nextFetch = undefined;
  });

  const opened = <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing => {
    open.push(thing);
    return thing;
  };

  /** A stream of 20 records that were all handed over, by fetches that the test can answer. */
  async function followed({ answerLimitMs = 60_000 } = {}): Promise<{
    tail: StreamTail<Parcel>;
    seen: readonly string[];
  }> {
    await stream();
    holdFetches();
    await append(20);
    const seen: string[] = [];
    const onRecord = ({ key }: { key: string }): void => {
      seen.push(key);
    };
    const tail = opened(new StreamTail({ contract, connection, answerLimitMs, onRecord }));
    await tail.start();
    return { tail, seen };
  }

  /** The next fetch gets this answer; resolves when it is under way. */
  function insteadOfFetch(answer: () => Promise<never>): Promise<void> {
    return new Promise((begun) => {
      nextFetch = () => {
        begun();
        return answer();
      };
    });
  }

  /** From now on the test may answer in the place of the broker. */
  function holdFetches(): void {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called on its own object below
    const original = Kafka.prototype.admin;
    jest.spyOn(Kafka.prototype, 'admin').mockImplementation(function (this: Kafka, config) {
      const admin = original.call(this, config);
      const fetchRecords = admin.fetchRecords.bind(admin);
      admin.fetchRecords = (request) => {
        const instead = nextFetch;
        nextFetch = undefined;
        return instead ? instead() : fetchRecords(request);
      };
      return admin;
    });
  }

  async function deleteRecords(): Promise<void> {
    const admin = new Kafka({ brokers: [...connection.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { topic } = contract;
    const configEntries = [{ name: 'cleanup.policy', value: 'compact,delete' }];
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    });
    const ends = await admin.fetchTopicOffsets(topic);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic, partitions });
    await admin.disconnect();
  }

  async function stream(): Promise<void> {
    contract = parcels(2);
    await provisionStreams({ contract }, connection);
  }

  async function append(count: number): Promise<void> {
    const encoder = await StreamEncoder.open(contract, connection);
    const producer = opened(new LogProducer(connection));
    const parcel = (index: number): Parcel => ({ id: String(index), weightGrams: index, note: null });
    await producer.append(
      Array.from({ length: count }, (_, index) => ({
        topic: contract.topic,
        key: String(index),
        value: encoder.encode(envelope(parcel(index))),
        headers: {},
      })),
    );
  }

  async function allIsRead(handler: RecordingHandler): Promise<void> {
    const ends = await opened(new LogAdmin(connection)).endOffsets([contract.topic]);
    await handler.when(() => hasReached(handler.checkpoints, ends));
  }

  function reader(handler: RecordingHandler, groupId = uniqueName('group')): PartitionReader {
    return opened(
      new PartitionReader({
        connection,
        groupId,
        topics: [contract.topic],
        handler,
        maxChunkRecords: 5,
        concurrency: 2,
        stallMs: 1_500,
        onFatal: (reason) => {
          throw reason;
        },
      }),
    );
  }

  test('one that silently stops fetching is started anew, and nothing is lost or comes twice', async () => {
    await stream();
    holdConsumers(held);
    const handler = new RecordingHandler();
    await reader(handler).start();
    await append(20);
    await allIsRead(handler);
    consumers[0]?.pause([{ topic: contract.topic }]);
    await append(20);
    await allIsRead(handler);
    expect(handler.keys()).toHaveLength(40);
    expect(consumers.length).toBeGreaterThan(1);
    expect(handler.troubles.filter((reason) => reason?.includes('the reader is started anew'))).toHaveLength(
      consumers.length - 1,
    );
  });

  test('a followed stream whose client never answers is followed anew, without a record handed over twice', async () => {
    const { tail, seen } = await followed({ answerLimitMs: 500 });
    await insteadOfFetch(() => new Promise(() => undefined));
    await append(20);
    await tail.caughtUp();
    expect(seen).toHaveLength(40);
    expect(told).toContain(`stream ${contract.name} is followed anew`);
  });

  test('a followed stream whose records were deleted before they were read goes on with what is left', async () => {
    const { tail, seen } = await followed();
    const before = seen.length;
    const held = Promise.withResolvers<undefined>();
    await insteadOfFetch(async () => {
      await held.promise;
      throw new Error('lost');
    });
    await append(20);
    await deleteRecords();
    await append(1);
    held.resolve(undefined);
    await tail.caughtUp();
    expect(before).toBe(20);
    expect(seen).toHaveLength(21);
  });

  test.each([10, 1_000])(
    'a group whose members come and go without pause still hands over every record, once, %s at a time',
    async (records) => {
      await stream();
      const handler = new RecordingHandler();
      const groupId = uniqueName('group');
      await reader(handler, groupId).start();
      for (let round = 0; round < 4; round += 1) {
        const rival = new RecordingHandler();
        // One store for all: whoever claims goes on where the one before stopped.
        Object.defineProperty(rival, 'checkpoints', { value: handler.checkpoints });
        Object.defineProperty(rival, 'chunks', { value: handler.chunks });
        const passing = reader(rival, groupId);
        await passing.start();
        await append(records);
        await passing.stop();
      }
      await allIsRead(handler);
      expect(handler.keys()).toHaveLength(4 * records);
    },
  );

  test('batches that the client hands over after the stop are not applied', async () => {
    await stream();
    holdConsumers(held);
    const handler = new SlowHandler();
    const stopped = reader(handler);
    await stopped.start();
    await append(40);
    await handler.when(() => handler.chunks.length > 0);
    await stopped.stop();
    const applied = handler.applying;
    expect(handler.chunks).toHaveLength(applied);
    expect(batches.length).toBeGreaterThan(0);
    for (const { handOver, payload } of batches) await handOver(goingOn(payload, handler));
    expect(handler.applying).toBe(applied);
  });
});
