import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { catalogue, type StreamContract } from '@reprise/contracts';
import { provisionServices, servicePorts, type Supervisor } from '@reprise/infra';
import { LogProducer, provisionStreams } from '@reprise/log';
import { testConnections } from '@reprise/testing';
import { until } from '../src/wait.js';
import { Client, list, member } from './client.js';
import {
  inFiles,
  mergeElasticsearch,
  rewriteRedis,
  tracesOf,
  vacuumPostgres,
  type Places,
} from './traces.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const atMost = { limitMs: minute };
const views = ['departure-board', 'flight-search', 'route-punctuality', 'flight-timeline'] as const;
/** What must not be found any more: it is in the states, not in the keys. */
const airlineName = 'Quagga Erasure Lines';
const tailnum = 'N7Q9ZX';
const texts = [airlineName, tailnum];
const flightId = '2014-06-01-QX1-TST';

describe('a flight and an airline that are deleted', () => {
  const connections = testConnections();
  const { portBase, stateDir, kafkaBrokers, registryUrl } = connections;
  const client = new Client(portBase);
  const connection = { brokers: kafkaBrokers, registryUrl, clientId: 'erasure-test' };
  const producer = new LogProducer(connection);
  const places: Places = { ...connections, folders: [stateDir] };
  let services: Supervisor | undefined;
  let before: Awaited<ReturnType<typeof tracesOf>>;

  beforeAll(async () => {
    const standing = { connections, start: () => Promise.resolve(), stop: () => Promise.resolve() };
    services = await provisionServices(standing, { root, stateDir, portBase });
    await services.start();
  }, 4 * minute);

  afterAll(async () => {
    await producer.stop();
    await services?.stop();
  }, minute);

  const command = (path: string, method: string, body?: unknown): Promise<Response> =>
    fetch(`${client.url(servicePorts.flightCommands)}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        'idempotency-key': randomUUID(),
        prefer: 'respond-async',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const shown = async (): Promise<readonly number[]> => [
    list((await client.board('TST', { from: '2014-06-01T00:00:00Z' })).body, 'departures').length,
    Number(member((await client.search({ carrier: 'QX', limit: '0' })).body, 'total')),
    list((await client.routes({ origin: 'TST' })).body, 'routes').length,
    (await client.timeline(flightId)).status === 200 ? 1 : 0,
  ];
  const letters = async (): Promise<number> => {
    const { body } = await client.control('GET', '/dead-letters');
    return Number(member(body, 'total'));
  };

  test(
    'were everywhere, a dead letter and a second generation included',
    async () => {
      const answers = [
        await command('/airlines/QX', 'PUT', { name: airlineName }),
        await command('/flights', 'POST', {
          ...{ carrier: 'QX', number: 1, origin: 'TST', destination: 'DST', tailnum },
          scheduledDeparture: '2014-06-01T12:00:00Z',
        }),
        await command(`/flights/${flightId}/departure`, 'POST', { departedAt: '2014-06-01T12:05:00Z' }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
      expect(await until(async () => (await shown()).every((one) => one === 1), atMost)).toBe(true);
      for (const view of views) {
        const number = member((await client.control('POST', `/views/${view}/rebuilds`)).body, 'number');
        const path = `/views/${view}/generations/${String(number)}`;
        const isReady = async (): Promise<boolean> =>
          member((await client.control('GET', path)).body, 'status') === 'ready';
        expect(await until(isReady, { limitMs: 2 * minute })).toBe(true);
      }
      await producer.append([
        {
          topic: catalogue.flight.topic,
          key: flightId,
          value: Buffer.from(`not Avro, ${tailnum}`),
          headers: {},
        },
      ]);
      expect(await until(async () => (await letters()) > 0, atMost)).toBe(true);
      before = await tracesOf(texts, places);
      expect(before.files.some((path) => path.includes(`${catalogue.flight.topic}-`))).toBe(true);
      expect(before.files.some((path) => path.includes(`${catalogue.flightHistory.topic}-`))).toBe(true);
      expect(before.files.some((path) => path.includes(`${catalogue.deadLetter.topic}-`))).toBe(true);
      expect(before.postgres.length).toBeGreaterThan(3);
      expect(before.redis.length).toBeGreaterThan(0);
      expect(before.elasticsearch.length).toBeGreaterThan(1);
    },
    6 * minute,
  );

  test(
    'are in no view, no store and no letter any more',
    async () => {
      expect((await command(`/flights/${flightId}`, 'DELETE')).status).toBe(202);
      expect((await command('/airlines/QX', 'DELETE')).status).toBe(202);
      expect(await until(async () => (await shown()).every((one) => one === 0), atMost)).toBe(true);
      expect(await until(async () => (await letters()) === 0, atMost)).toBe(true);
      const isClean = async (): Promise<boolean> => {
        const { postgres, redis, elasticsearch } = await tracesOf(texts, { ...places, folders: [] });
        return [postgres, redis, elasticsearch].every(({ length }) => length === 0);
      };
      await until(isClean, atMost);
      const { postgres, redis, elasticsearch } = await tracesOf(texts, { ...places, folders: [] });
      expect({ postgres, redis, elasticsearch }).toEqual({ postgres: [], redis: [], elasticsearch: [] });
    },
    2 * minute,
  );

  test(
    'leave no byte in the log once it is compacted, nor in any file once the stores have tidied up',
    async () => {
      await provisionStreams(compactedNow(), connection);
      let round = 0;
      /** A segment is compacted when another one follows it. */
      const isCompacted = async (): Promise<boolean> => {
        round += 1;
        const streams = Object.values(compactedNow());
        await producer.append(
          streams.flatMap(({ topic, partitions }) =>
            Array.from({ length: 8 * partitions }, (_, index) => ({
              ...{ topic, key: `filler-${round}-${index}`, value: null },
              headers: { ce_entityversion: '1' },
            })),
          ),
        );
        return (await inFiles(texts, [join(stateDir, 'data/kafka')])).length === 0;
      };
      await until(isCompacted, { limitMs: 3 * minute, everyMs: 1_500 });
      await vacuumPostgres(connections.postgresUrl);
      await rewriteRedis(connections.redisUrl);
      let left: readonly string[] = [];
      /** A store that replicates keeps deleted documents for a moment; the write-ahead log is used again in its own time. */
      const isTidy = async (): Promise<boolean> => {
        await mergeElasticsearch(connections.elasticsearchUrl);
        left = (await inFiles(texts, [stateDir])).filter((path) => !path.includes('pg_wal'));
        return left.length === 0;
      };
      await until(isTidy, { limitMs: minute, everyMs: 2_000 });
      expect(left).toEqual([]);
    },
    5 * minute,
  );
});

/** The streams that held something of them, compacted as soon as can be. */
function compactedNow(): Record<string, StreamContract<unknown>> {
  const { airline, flight, flightHistory, deadLetter } = catalogue;
  const settings = {
    ...{ 'cleanup.policy': 'compact', 'segment.ms': '500', 'min.cleanable.dirty.ratio': '0.0001' },
    ...{ 'delete.retention.ms': '0', 'max.compaction.lag.ms': '1000', 'min.compaction.lag.ms': '0' },
    'file.delete.delay.ms': '100',
  };
  const streams: Readonly<Record<string, StreamContract<unknown>>> = {
    airline,
    flight,
    flightHistory,
    deadLetter,
  };
  return Object.fromEntries(
    Object.entries(streams).map(([name, contract]) => [name, { ...contract, settings }]),
  );
}
