import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { catalogue } from '@reprise/contracts';
import { provisionServices, servicePorts, type Supervisor } from '@reprise/infra';
import { LogProducer } from '@reprise/log';
import { testConnections } from '@reprise/testing';
import { until } from '../src/wait.js';
import { expectAllAnswers } from './all-answers.js';
import { Client, list, member } from './client.js';
import { expectedFlights } from './expected-flights.js';
import { Readers, Writer, type Question } from './readers.js';

const root = join(import.meta.dirname, '../..');
const month = 1;
const minute = 60_000;
const views = ['departure-board', 'flight-search', 'route-punctuality'] as const;

describe('the platform, on a month of real flights', () => {
  const { portBase, stateDir } = testConnections();
  const client = new Client(portBase);
  const flights = expectedFlights(month);
  let services: Supervisor;
  let written = 0;

  beforeAll(async () => {
    const engines = {
      connections: testConnections(),
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    };
    services = await provisionServices(engines, { root, stateDir, portBase });
    await services.start();
  }, 3 * minute);

  afterAll(async () => {
    await services.stop();
  }, minute);

  function replay(): Promise<number | null> {
    const args = [
      join(root, 'services/replayer/dist/main.js'),
      `--commands=${client.url(servicePorts.flightCommands)}`,
      `--control=${client.url(servicePorts.controlPlane)}`,
      `--state=${join(stateDir, 'replay.json')}`,
      `--month=${month}`,
    ];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    return new Promise((resolve) => child.once('exit', resolve));
  }

  const totalShown = async (): Promise<number> =>
    Number(member((await client.search({ limit: '0' })).body, 'total'));
  const live = async (view: string): Promise<number> =>
    Number(member(member((await client.control('GET', `/views/${view}`)).body, 'live'), 'number'));

  const schedule = (number: number) =>
    client.commands('POST', '/flights', {
      carrier: 'ZZ',
      number,
      origin: 'TST',
      destination: 'QQQ',
      scheduledDeparture: '2014-06-01T12:00:00-04:00',
    });

  /** The three views' ways to tell how many test flights there are. */
  const questions: Readonly<Record<(typeof views)[number], Question>> = {
    'departure-board': {
      ask: () => client.board('TST', { from: '2014-01-01T00:00:00Z', limit: '1000' }),
      count: (body) => list(body, 'departures').length,
    },
    'flight-search': {
      ask: () => client.search({ origin: 'TST', limit: '0' }),
      count: (body) => Number(member(body, 'total')),
    },
    'route-punctuality': {
      ask: () => client.routes({ origin: 'TST' }),
      count: (body) => Number(member(list(body, 'routes')[0], 'flights') ?? 0),
    },
  };

  test(
    'nothing is lost or doubled when every builder and the relay are killed in the middle of a replay',
    async () => {
      const replayed = replay();
      expect(await until(async () => (await totalShown()) > 2_000, { limitMs: 2 * minute })).toBe(true);
      for (const name of ['flight-commands-relay', ...views.map((view) => `${view}-builder`)])
        services.kill(name, 'SIGKILL');
      expect(await replayed).toBe(0);
      expect(services.restartsOf('flight-commands-relay')).toBe(1);
      for (const view of views) expect(services.restartsOf(`${view}-builder`)).toBe(1);
      await until(async () => (await totalShown()) === flights.length, { limitMs: minute });
      await expectAllAnswers(client, flights);
    },
    8 * minute,
  );

  test(
    'a second replay changes nothing',
    async () => {
      expect(await replay()).toBe(0);
      expect(await totalShown()).toBe(flights.length);
    },
    4 * minute,
  );

  test.each(views)(
    '%s is rebuilt, flipped and rolled back under writes and reads without a failed, mixed or older answer',
    async (view) => {
      const before = await live(view);
      const writer = new Writer(schedule, written + 1);
      const readers = new Readers([questions[view], questions[view], questions[view], questions[view]]);
      const started = await client.control('POST', `/views/${view}/rebuilds`, { autoFlip: true });
      expect(started.status).toBe(202);
      const after = Number(member(started.body, 'number'));
      const name = (number: number): string => `${view.replaceAll('-', '_')}_g${number}`;
      const served = (number: number) =>
        until(async () => (await questions[view].ask()).generation === name(number), { limitMs: 2 * minute });
      expect(await served(after)).toBe(true);
      expect((await client.control('POST', `/views/${view}/rollback`)).status).toBeLessThan(300);
      expect(await served(before)).toBe(true);
      expect((await client.control('POST', `/views/${view}/generations/${after}/flip`)).status).toBeLessThan(
        300,
      );
      expect(await served(after)).toBe(true);
      await writer.stop();
      written += writer.written;
      expect(
        await until(async () => questions[view].count((await questions[view].ask()).body) === written, {
          limitMs: minute,
        }),
      ).toBe(true);
      const { failures, backwards, generations, reads } = await readers.stop();
      expect({ failures, backwards, refused: writer.refused }).toEqual({
        failures: [],
        backwards: [],
        refused: [],
      });
      expect([...generations].toSorted()).toEqual([name(before), name(after)].toSorted());
      expect(reads).toBeGreaterThan(100);
    },
    6 * minute,
  );

  test(
    'the rebuilt views give the same answers as the ones before',
    async () => {
      await expectAllAnswers(client, flights);
    },
    4 * minute,
  );

  test(
    'a flight that is rescheduled, cancelled or deleted moves or goes, in every view',
    async () => {
      const flight = { carrier: 'YY', number: 1, origin: 'TSU', destination: 'QQQ' };
      const flightId = '2014-07-01-YY1-TSU';
      const shown = async () => {
        const [board, search, routes] = await Promise.all([
          client.board('TSU', { from: '2014-01-01T00:00:00Z' }),
          client.search({ origin: 'TSU' }),
          client.routes({ origin: 'TSU' }),
        ]);
        const hit = list(search.body, 'hits')[0];
        const departure = list(board.body, 'departures')[0];
        const route = list(routes.body, 'routes')[0];
        return [
          member(departure, 'scheduledDeparture'),
          member(departure, 'status'),
          member(hit, 'status'),
          member(route, 'cancelled'),
        ];
      };
      const shows = (expected: readonly unknown[]) =>
        until(
          async () =>
            JSON.stringify(await shown()) === JSON.stringify(expected.map((value) => value ?? null)),
          { limitMs: minute },
        );

      expect(
        (
          await client.commands('POST', '/flights', {
            ...flight,
            scheduledDeparture: '2014-07-01T08:00:00-04:00',
          })
        ).status,
      ).toBe(201);
      expect(await shows(['2014-07-01T12:00:00.000Z', 'scheduled', 'scheduled', 0])).toBe(true);
      await client.commands('POST', '/flights', {
        ...flight,
        scheduledDeparture: '2014-07-01T09:00:00-04:00',
      });
      expect(await shows(['2014-07-01T13:00:00.000Z', 'scheduled', 'scheduled', 0])).toBe(true);
      await client.commands('POST', `/flights/${flightId}/cancellation`, {});
      expect(await shows(['2014-07-01T13:00:00.000Z', 'cancelled', 'cancelled', 1])).toBe(true);
      expect((await client.commands('POST', `/flights/${flightId}/departure`, {})).status).toBe(409);
      await client.commands('DELETE', `/flights/${flightId}`);
      expect(await shows([undefined, undefined, undefined, undefined])).toBe(true);
    },
    4 * minute,
  );

  test(
    'an airline that is renamed, removed and registered again changes every row that names it, in every view',
    async () => {
      const shown = async () => {
        const [board, search, route] = await Promise.all([
          client.board('EWR', { from: '2012-12-01T00:00:00Z', limit: '1000' }),
          client.search({ carrier: 'UA', sort: 'flightId', limit: '1' }),
          client.punctuality('EWR', 'ORD', { carrier: 'UA' }),
        ]);
        const departures = list(board.body, 'departures').filter((one) => member(one, 'carrier') === 'UA');
        return [
          ...new Set(departures.map((departure) => member(departure, 'airlineName'))),
          member(list(search.body, 'hits')[0], 'airlineName'),
          member(member(route.body, 'airlines'), 'UA'),
        ];
      };
      const shows = (name: string | null) =>
        until(async () => JSON.stringify(await shown()) === JSON.stringify([name, name, name]), {
          limitMs: minute,
        });
      const found = async (q: string) => member((await client.search({ q, limit: '0' })).body, 'total');
      const ofAirline = flights.filter(({ carrier }) => carrier === 'UA').length;

      await client.commands('PUT', '/airlines/UA', { name: 'Renamed Lines' });
      expect(await shows('Renamed Lines')).toBe(true);
      expect(await until(async () => (await found('renamed')) === ofAirline, { limitMs: minute })).toBe(true);
      await client.commands('DELETE', '/airlines/UA');
      expect(await shows(null)).toBe(true);
      await client.commands('PUT', '/airlines/UA', { name: 'United Air Lines Inc.' });
      expect(await shows('United Air Lines Inc.')).toBe(true);
      await until(async () => (await found('united')) === ofAirline, { limitMs: minute });
      await expectAllAnswers(client, flights);
    },
    6 * minute,
  );

  test(
    'a timeline tells everything that happened to a flight, and goes with it',
    async () => {
      const events = async (flightId: string) =>
        list((await client.timeline(flightId)).body, 'entries').map((entry) => member(entry, 'event'));
      const tells = (flightId: string, expected: readonly string[]) =>
        until(async () => JSON.stringify(await events(flightId)) === JSON.stringify(expected), {
          limitMs: minute,
        });
      const [arrived] = flights.filter(({ status }) => status === 'arrived');
      expect(
        await tells(arrived?.flightId ?? '', ['FlightScheduled', 'FlightDeparted', 'FlightArrived']),
      ).toBe(true);
      const isGone = async () => (await client.timeline('2014-07-01-YY1-TSU')).status === 404;
      expect(await until(isGone, { limitMs: minute })).toBe(true);
      expect((await client.timeline('2014-07-01-YY9-TSU')).status).toBe(404);
    },
    2 * minute,
  );

  test(
    'a poison record is set aside with its place, stops nobody, and is superseded by the next state of its entity',
    async () => {
      const flight = { carrier: 'YX', number: 1, origin: 'TSV', destination: 'QQQ' };
      const flightId = '2014-08-01-YX1-TSV';
      const schedule = (time: string) =>
        client.commands('POST', '/flights', { ...flight, scheduledDeparture: `2014-08-01T${time}:00-04:00` });
      const shown = async () => list((await client.search({ origin: 'TSV' })).body, 'hits').length;
      expect((await schedule('08:00')).status).toBe(201);
      expect(await until(async () => (await shown()) === 1, { limitMs: minute })).toBe(true);

      await appendPoison(flightId);
      const query = new URLSearchParams({ view: 'flight-search', key: flightId }).toString();
      const letters = async () =>
        list((await client.control('GET', `/dead-letters?${query}`)).body, 'letters');
      const status = async () => member((await letters())[0], 'status');
      expect(await until(async () => (await status()) === 'open', { limitMs: minute })).toBe(true);
      const letterId = String(member((await letters())[0], 'letterId'));
      expect((await letters())[0]).toMatchObject({ code: 'record-undecodable', attempts: 1, decoded: null });

      const dryRun = await client.control('POST', '/dead-letters/redrive', {
        letterIds: [letterId],
        dryRun: true,
      });
      expect(dryRun.body).toMatchObject({ dryRun: true, selected: 1 });
      const failed = await client.control('POST', '/dead-letters/redrive', {
        letterIds: [letterId],
        waitMs: 30_000,
      });
      expect(failed.body).toMatchObject({ results: [{ letterId, result: 'failed' }] });
      expect((await client.control('POST', '/dead-letters/discard', { letterIds: [letterId] })).status).toBe(
        422,
      );

      expect((await schedule('09:00')).status).toBeLessThan(300);
      expect(await until(async () => (await status()) === 'superseded', { limitMs: minute })).toBe(true);
      expect(await shown()).toBe(1);
    },
    4 * minute,
  );

  /** What no contract says, under the key of a flight, as a foreign producer might write it. */
  async function appendPoison(key: string): Promise<void> {
    const { kafkaBrokers: brokers, registryUrl } = testConnections();
    const producer = new LogProducer({ brokers, registryUrl, clientId: 'poison' });
    await producer.append([
      { topic: catalogue.flight.topic, key, value: Buffer.from('not Avro'), headers: {} },
    ]);
    await producer.stop();
  }
});
