import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { catalogue } from '@reprise/contracts';
import { LocalEngines, provision } from '@reprise/infra';
import { hasReached, type Positions } from '@reprise/kernel';
import { LogAdmin, PartitionReader, StreamDecoder, type LogConnection, type RecordChunk } from '@reprise/log';
import { rebuild } from './rebuild.js';
import { steady } from './steady.js';
import { measuredViews } from './views.js';

/**
 * How fast views are fed and rebuilt, beside what the log itself gives in the same run: reading the same topic without doing
 * anything, and reading and decoding it. Needs a platform that runs and has something to read: npm start -- --detach.
 */
const { values } = parseArgs({
  options: {
    'port-base': { type: 'string', default: '7400' },
    'state-dir': { type: 'string', default: '.reprise' },
    only: { type: 'string' },
  },
});
const portBase = Number(values['port-base']);
const connection: LogConnection = {
  brokers: [`127.0.0.1:${portBase + 21}`],
  registryUrl: `http://127.0.0.1:${portBase + 23}/apis/ccompat/v7`,
  clientId: 'reprise-bench',
};

/** Records per second of one pass over the topic, from joining the group to the end noted at the start. */
async function pass(
  work: (chunk: RecordChunk) => Promise<void>,
): Promise<{ records: number; seconds: number }> {
  const admin = new LogAdmin(connection);
  const ends = await admin.endOffsets([catalogue.flight.topic]);
  const groupId = `reprise.bench.${randomUUID()}`;
  const reached = new Map<string, bigint>();
  let records = 0;
  const began = performance.now();
  await new Promise<void>((resolve, reject) => {
    const reader = new PartitionReader({
      connection,
      groupId,
      topics: [catalogue.flight.topic],
      maxChunkRecords: 5_000,
      concurrency: 3,
      onFatal: reject,
      handler: {
        claim: () => Promise.resolve(0n),
        assigned: () => undefined,
        troubled: () => undefined,
        apply: async (chunk) => {
          await work(chunk);
          records += chunk.records.length;
          reached.set(chunk.partition, chunk.nextOffset);
          if (isDone(reached, ends)) setImmediate(() => void reader.stop().then(resolve, reject));
          return 'applied';
        },
      },
    });
    reader.start().catch(reject);
  });
  const seconds = (performance.now() - began) / 1_000;
  await admin.stop();
  return { records, seconds };
}

function isDone(reached: Positions, ends: Positions): boolean {
  return hasReached(reached, ends);
}

function print(what: string, { records, seconds }: { records: number; seconds: number }): void {
  const rate = Math.round(records / seconds).toLocaleString('en');
  process.stdout.write(
    `${what.padEnd(52)} ${String(records).padStart(9)} records ${seconds.toFixed(1).padStart(7)} s ${rate.padStart(10)} records/s\n`,
  );
}

const decoder = StreamDecoder.whole(catalogue.flight, connection);
print('yardstick: read', await pass(() => Promise.resolve()));
print(
  'yardstick: read and decode',
  await pass(async ({ records }) => {
    for (const { value } of records) if (value !== null) await decoder.decode(value);
  }),
);
if (values.only !== 'steady') await measureRebuilds();
if (values.only !== 'rebuilds') await measureSteadyStates();

async function measureRebuilds(): Promise<void> {
  for (const view of ['route-punctuality', 'departure-board', 'flight-search'])
    print(`rebuild: ${view}`, await rebuild(`http://127.0.0.1:${portBase}`, view));
}

/** What one and two builder processes of a live generation take in. */
async function measureSteadyStates(): Promise<void> {
  const stateDir = resolve(import.meta.dirname, '../..', values['state-dir']);
  const { connections } = new LocalEngines({ stateDir, portBase });
  const databases = await provision(connections, ['route_punctuality', 'flight_timeline'], stateDir);
  const { redisUrl, elasticsearchUrl, registryUrl, kafkaBrokers: brokers } = connections;
  const at = { redisUrl, elasticsearchUrl, databases: Object.fromEntries(databases) };
  for (const [view, { store }] of Object.entries(measuredViews))
    for (const builders of [1, 2])
      print(
        `steady: ${view} (${store}), ${builders} builder${builders > 1 ? 's' : ''}`,
        await steady({ view, brokers, registryUrl, at }, builders),
      );
}
