import { contentOf } from '../topic/checksum.js';
import { rowOf, type FlightRow } from '../views/row.js';
import type { Store } from '../views/stores.js';
import { decoderOf, type Decode } from './decoder.js';
import { ElasticsearchTarget } from './elasticsearch-target.js';
import { PostgresTarget } from './postgres-target.js';
import { readTopic, type TopicToRead } from './read-topic.js';
import { RedisTarget } from './redis-target.js';
import type { Target } from './target.js';
import type { YardstickResult, YardstickTask } from './task.js';

/** Runs it; the clock stands still while what it left is checked. */
export async function measure(task: YardstickTask): Promise<YardstickResult> {
  const decode = await decoderOf(task.connections.registryUrl, task.topic);
  switch (task.yardstick) {
    case 'read':
      return timed(() => readTopic(reading(task, 1), () => undefined));
    case 'read-and-decode':
      return timed(() =>
        readTopic(reading(task, 1), ({ messages }) => {
          for (const { value } of messages) if (value) decode(value);
        }),
      );
    case 'straight-line':
      return onTarget(task, (target) => straightLine(task, { target, decode }));
    case 'hand-written':
      return onTarget(task, (target) => handWritten(task, { target, decode }));
  }
}

interface Writing {
  readonly target: Target;
  readonly decode: Decode;
}

/** One step after another: read all, keep the newest per key, decode that, load it. */
async function straightLine(task: YardstickTask, { target, decode }: Writing): Promise<YardstickResult> {
  await target.prepare(false);
  const newest = new Map<string, Buffer>();
  const reads = await timed(() =>
    readTopic(reading(task, 1), ({ messages }) => {
      // Copied: what the client hands over holds on to the whole answer of the broker.
      for (const { key, value } of messages)
        if (key && value) newest.set(key.toString('latin1'), Buffer.from(value));
    }),
  );
  const load = await secondsOf(() => target.load(rowsOf(newest.values(), decode)));
  const finish = await secondsOf(() => target.finish(false));
  const phases = { read: reads.seconds, load, finish };
  const seconds = Object.values(phases).reduce((sum, phase) => sum + phase);
  return { records: reads.records, seconds, phases };
}

/** What a good programmer writes in an hour: batches, four partitions at once, each key once per batch. */
async function handWritten(
  task: Extract<YardstickTask, { yardstick: 'hand-written' }>,
  { target, decode }: Writing,
): Promise<YardstickResult> {
  await target.prepare(true);
  return timed(async () => {
    const records = await readTopic({ ...reading(task, 4), client: task.client }, async ({ messages }) => {
      const newest = new Map<string, Buffer>();
      for (const { key, value } of messages) if (key && value) newest.set(key.toString('latin1'), value);
      await target.put([...rowsOf(newest.values(), decode)]);
    });
    await target.finish(true);
    return records;
  });
}

function* rowsOf(values: Iterable<Buffer>, decode: Decode): Generator<FlightRow> {
  for (const value of values) yield rowOf(decode(value).state);
}

async function onTarget(
  task: Extract<YardstickTask, { store: Store }>,
  work: (target: Target) => Promise<YardstickResult>,
): Promise<YardstickResult> {
  const target = targetOf(task);
  try {
    const result = await work(target);
    const content = await contentOf(target.rows());
    await target.drop();
    return { ...result, content };
  } finally {
    await target.stop();
  }
}

function targetOf({ store, connections }: Extract<YardstickTask, { store: Store }>): Target {
  switch (store) {
    case 'postgres':
      return new PostgresTarget(connections.postgresUrl);
    case 'redis':
      return new RedisTarget(connections.redisUrl);
    case 'elasticsearch':
      return new ElasticsearchTarget(connections.elasticsearchUrl);
  }
}

function reading({ connections, topic }: YardstickTask, concurrency: number): TopicToRead {
  return { brokers: connections.kafkaBrokers, topic, concurrency, client: 'patched' };
}

async function timed(work: () => Promise<number>): Promise<YardstickResult> {
  const began = performance.now();
  const records = await work();
  return { records, seconds: (performance.now() - began) / 1_000, phases: {} };
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
}
