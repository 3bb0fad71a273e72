import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { StreamContract } from '@reprise/contracts';
import { hasReached } from '@reprise/kernel';
import { testConnections, uniqueName } from '@reprise/testing';
import { holdConsumers, type HeldConsumers } from '../test/held-consumers.js';
import { parcels, RecordingHandler, type Parcel } from '../test/parcels.js';
import {
  LogAdmin,
  LogProducer,
  PartitionReader,
  provisionStreams,
  type ChunkOutcome,
  type LogConnection,
  type RecordChunk,
} from './index.js';

jest.setTimeout(180_000);

/** Takes its time over every chunk. */
class SlowHandler extends RecordingHandler {
  override async apply(chunk: RecordChunk): Promise<ChunkOutcome> {
    await pause(300);
    return super.apply(chunk);
  }
}

/** Bytes that this process holds and needs. */
function heldBytes(): number {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

describe('a reader of a log that holds more than a fetch brings', () => {
  let connection: LogConnection;
  let contract: StreamContract<Parcel>;
  const open: { stop(): Promise<void> }[] = [];
  const held: HeldConsumers = { consumers: [], batches: [] };

  beforeEach(async () => {
    const { kafkaBrokers, registryUrl } = testConnections();
    connection = { brokers: kafkaBrokers, registryUrl, clientId: 'large-fetches' };
    contract = parcels(2);
    await provisionStreams({ contract }, connection);
    holdConsumers(held);
  });

  afterEach(async () => {
    for (const thing of open.splice(0).toReversed()) await thing.stop();
    jest.restoreAllMocks();
    held.batches.length = 0;
  });

  const opened = <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing => {
    open.push(thing);
    return thing;
  };

  /** 16 KiB each: a fetch of one partition brings some 250. */
  async function append(count: number): Promise<void> {
    const producer = opened(new LogProducer(connection));
    const record = (index: number) => ({
      topic: contract.topic,
      key: String(index),
      value: randomBytes(16 << 10),
      headers: {},
    });
    for (let from = 0; from < count; from += 60)
      await producer.append(Array.from({ length: 60 }, (_, index) => record(from + index)));
  }

  async function allIsRead(handler: RecordingHandler): Promise<void> {
    const ends = await opened(new LogAdmin(connection)).endOffsets([contract.topic]);
    await handler.when(() => hasReached(handler.checkpoints, ends));
  }

  function reader(handler: RecordingHandler): PartitionReader {
    return opened(
      new PartitionReader({
        connection,
        groupId: uniqueName('group'),
        topics: [contract.topic],
        handler,
        maxChunkRecords: 5,
        concurrency: 2,
        onFatal: (reason) => {
          throw reason;
        },
      }),
    );
  }

  test('while a large fetch is worked on the next one is fetched, and no more than that', async () => {
    await append(1_800);
    const { promise: waiting, resolve: goOn } = Promise.withResolvers<undefined>();
    const handler = new RecordingHandler();
    const apply = handler.apply.bind(handler);
    handler.apply = async (chunk) => {
      await waiting;
      return apply(chunk);
    };
    await reader(handler).start();
    const fetches = () =>
      [0, 1].map((number) => held.batches.filter(({ payload }) => payload.batch.partition === number).length);
    while (!isDeepStrictEqual(fetches(), [2, 2])) await pause(20);
    await pause(1_000);
    expect(fetches()).toEqual([2, 2]);
    goOn(undefined);
    await allIsRead(handler);
    expect(new Set(handler.keys()).size).toBe(1_800);
    expect(handler.keys()).toHaveLength(1_800);
  });

  test('of large fetches that a fenced chunk makes void every record is handed over again, once', async () => {
    await append(1_800);
    const handler = new RecordingHandler();
    const apply = handler.apply.bind(handler);
    let applied = 0;
    handler.apply = (chunk) => {
      applied += 1;
      handler.fenceNext = applied % 100 === 0;
      return apply(chunk);
    };
    await reader(handler).start();
    await allIsRead(handler);
    expect(handler.claims.length).toBeGreaterThan(2);
    expect(new Set(handler.keys()).size).toBe(1_800);
    expect(handler.keys()).toHaveLength(1_800);
  });

  test('a store far slower than the log fills no memory, and costs no membership', async () => {
    await append(6_000);
    const before = heldBytes();
    const handler = new SlowHandler();
    await reader(handler).start();
    await handler.when(() => handler.chunks.length >= 40);
    handler.chunks.length = 0;
    expect(heldBytes() - before).toBeLessThan(40 << 20);
    expect(handler.claims).toHaveLength(2);
  });
});
