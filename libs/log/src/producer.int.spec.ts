import { afterEach, describe, expect, test } from '@jest/globals';
import { createHook } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { partitionId } from '@reprise/kernel';
import { testConnections } from '@reprise/testing';
import fc from 'fast-check';
import type { IHeaders } from 'kafkajs';
import { parcels } from '../test/parcels.js';
import { LogAdmin, LogProducer, partitionOf, provisionStreams } from './index.js';
import { RecordFetcher } from './record-fetcher.js';

const { kafkaBrokers: brokers, registryUrl } = testConnections();
const connection = { brokers, registryUrl, clientId: 'producer-test' };
const open: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const thing of open.splice(0)) await thing.stop();
});

function opened<Thing extends { stop(): Promise<void> }>(thing: Thing): Thing {
  open.push(thing);
  return thing;
}

async function stream(partitions: number) {
  const contract = parcels(partitions);
  await provisionStreams({ contract }, connection);
  const record = (key: string, bytes = 10) => ({
    topic: contract.topic,
    key,
    value: Buffer.alloc(bytes),
    headers: { a: 'b' },
  });
  return { contract, record };
}

const limits = { maxBytes: 8 << 20, maxWaitMs: 500 };

function textsOf(headers: IHeaders = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

describe('appended records', () => {
  test('have their places told, in the partitions of their keys', async () => {
    const { contract, record } = await stream(3);
    const producer = opened(new LogProducer(connection));
    const keys = Array.from({ length: 50 }, (_, index) => `k${index % 7}`);
    const next = new Map<number, bigint>();
    for (let round = 0; round < 3; round += 1) {
      const places = await producer.append(keys.map((key) => record(key)));
      for (const [index, place] of places.entries()) {
        const partition = partitionOf(keys[index] ?? '', 3);
        const offset = next.get(partition) ?? 0n;
        expect(place).toEqual({ topic: contract.topic, partition, offset });
        next.set(partition, offset + 1n);
      }
    }
    const ends = await opened(new LogAdmin(connection)).endOffsets([contract.topic]);
    for (const [partition, offset] of next) {
      expect(ends.get(partitionId({ topic: contract.topic, partition }))).toBe(offset);
    }
  });

  test('may be more than the broker takes at once', async () => {
    const { record } = await stream(1);
    const producer = opened(new LogProducer(connection));
    const places = await producer.append(Array.from({ length: 30 }, () => record('k', 100_000)));
    expect(places.map(({ offset }) => Number(offset))).toEqual(
      Array.from({ length: 30 }, (_, index) => index),
    );
  });

  test('come back as they were, whatever their keys, values and headers', async () => {
    const { contract } = await stream(1);
    const producer = opened(new LogProducer(connection));
    const fetcher = opened(new RecordFetcher(connection));
    const text = fc.string({ unit: 'grapheme', maxLength: 200 });
    // Not what every object has: the client reads `toString` as a header that was there before.
    const name = text.map((rest) => `#${rest}`);
    // Lengths around those at which a length takes one byte more.
    const bytes = fc
      .constantFrom(0, 1, 63, 64, 127, 128, 8_191, 8_192, 70_000)
      .map((size) => Buffer.alloc(size, 7));
    const shape = fc.record({
      key: fc.string({ minLength: 1, maxLength: 80, unit: 'grapheme' }),
      value: fc.option(bytes),
      headers: fc.dictionary(name, text, { maxKeys: 12 }),
    });
    let offset = 0n;
    await fc.assert(
      fc.asyncProperty(fc.array(shape, { minLength: 1, maxLength: 20 }), async (shapes) => {
        await producer.append(shapes.map((one) => ({ topic: contract.topic, ...one })));
        const back: unknown[] = [];
        while (back.length < shapes.length) {
          const [fetched] = await fetcher.fetch(contract.topic, [{ partition: 0, offset }], limits);
          for (const { key, value, headers } of fetched?.messages ?? [])
            back.push({ key: String(key), value, headers: textsOf(headers) });
          offset = fetched?.nextOffset ?? offset;
        }
        expect(back).toEqual(shapes.map(({ headers, ...one }) => ({ ...one, headers: { ...headers } })));
      }),
      { numRuns: 30 },
    );
  });

  test('leave a connection that wakes nobody while it has nothing to do', async () => {
    const { record } = await stream(1);
    const producer = opened(new LogProducer(connection));
    await producer.append([record('k')]);
    let timers = 0;
    const counting = createHook({
      init: (_, type) => {
        if (type === 'Timeout') timers += 1;
      },
    }).enable();
    await pause(500);
    counting.disable();
    // Unmended, the client makes one a millisecond.
    expect(timers).toBeLessThan(50);
  });

  test('of a producer whose name another one took over are refused, and it stays so', async () => {
    const { contract, record } = await stream(2);
    const [before, after] = [0, 1].map(() => opened(new LogProducer(connection, contract.topic)));
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await before?.takeOver();
    await before?.append(keys.map((key) => record(key)));
    await after?.takeOver();
    await after?.append(keys.map((key) => record(key)));
    for (let tries = 0; tries < 2; tries += 1)
      await expect(before?.append([record('a')])).rejects.toMatchObject({ code: 'log-unavailable' });
    await after?.append([record('a')]);
    const ends = await opened(new LogAdmin(connection)).endOffsets([contract.topic]);
    expect([...ends.values()].reduce((sum, end) => sum + end, 0n)).toBe(13n);
  });

  test('are none: nothing happens', async () => {
    expect(await new LogProducer(connection).append([])).toEqual([]);
  });
});
