import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { provisionServices, type Supervisor } from '@reprise/infra';
import { testConnections } from '@reprise/testing';
import { until } from '../src/wait.js';
import { Client, list, member, type Answer } from './client.js';
import { FlipReaders, type FlipReport, type Shown } from './flip-readers.js';
import { stampInPostgres, stampInRedis, type Stamp } from './stamped-rows.js';

const minute = 60_000;
/** Flips, and as many rollbacks: a hundred changes of the live generation. */
const rounds = 50;
const readsPerSecondOfView = 100;
/** Flights of this airline stay as they are: their rows tell which generation they are of. */
const stamped = { carrier: 'SS', count: 20 };
/** Those of this one are put off, second by second, or are more and more. */
const moving = { carrier: 'MM', count: 5 };
const writeEveryMs = 50;

interface FlippedView {
  readonly name: string;
  readonly ask: () => Promise<Answer>;
  readonly show: (body: unknown) => Shown;
  readonly stamp: Stamp;
}

describe('a hundred flips and rollbacks of each of two views', () => {
  const { portBase, stateDir, redisUrl, postgresUrl } = testConnections();
  const client = new Client(portBase);
  const views: readonly FlippedView[] = [
    {
      name: 'departure-board',
      ask: () => client.board('TST', { from: '2014-01-01T00:00:00Z', limit: '100' }),
      show: (body) =>
        shownIn(list(body, 'departures'), {
          isStamped: (departure) => member(departure, 'carrier') === stamped.carrier,
          stamp: 'aircraftModel',
          place: (departure) => Date.parse(String(member(departure, 'scheduledDeparture'))),
        }),
      stamp: stampInRedis(redisUrl),
    },
    {
      name: 'route-punctuality',
      ask: () => client.routes({ origin: 'TSU', limit: '100' }),
      show: (body) =>
        shownIn(list(body, 'routes'), {
          isStamped: (route) => member(route, 'destination') !== 'MOV',
          stamp: 'destinationName',
          place: (route) => Number(member(route, 'flights')),
        }),
      stamp: stampInPostgres(postgresUrl, 'route_punctuality'),
    },
  ];
  let services: Supervisor;

  beforeAll(async () => {
    const engines = {
      connections: testConnections(),
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    };
    services = await provisionServices(engines, {
      root: join(import.meta.dirname, '../..'),
      stateDir,
      portBase,
    });
    await services.start();
  }, 3 * minute);

  afterAll(async () => {
    await services.stop();
  }, minute);

  async function schedule(flight: object, second = 0): Promise<void> {
    const scheduledDeparture = new Date(Date.parse('2014-06-01T12:00:00Z') + second * 1_000).toISOString();
    const { status, body } = await client.commands('POST', '/flights', { ...flight, scheduledDeparture });
    if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
  }

  async function scheduleAll(): Promise<void> {
    for (let number = 1; number <= stamped.count; number += 1) {
      const { carrier } = stamped;
      const destination = `S${String(number).padStart(2, '0')}`;
      await schedule({ carrier, number, origin: 'TST', destination: 'QQQ' });
      await schedule({ carrier, number, origin: 'TSU', destination });
    }
    for (let number = 1; number <= moving.count; number += 1) await move(number, 0);
  }

  /** Puts one flight off on the board, and adds one to the route. */
  async function move(number: number, second: number): Promise<void> {
    const { carrier, count } = moving;
    await schedule({ carrier, number: 1 + (number % count), origin: 'TST', destination: 'QQQ' }, second);
    await schedule({ carrier, number, origin: 'TSU', destination: 'MOV' });
  }

  async function generationsOf({ name, stamp, ask, show }: FlippedView): Promise<[string, string]> {
    const isComplete = async () => {
      const { stamps, places } = show((await ask()).body);
      return stamps.length === stamped.count && places.size > stamped.count;
    };
    expect(await until(isComplete, { limitMs: minute })).toBe(true);
    const path = `/views/${name}`;
    const live = member(member((await client.control('GET', path)).body, 'live'), 'name');
    const built = member((await client.control('POST', `${path}/rebuilds`)).body, 'number');
    const second = async () => (await client.control('GET', `${path}/generations/${String(built)}`)).body;
    expect(await until(async () => member(await second(), 'status') === 'ready', { limitMs: minute })).toBe(
      true,
    );
    const names: [string, string] = [String(live), String(member(await second(), 'name'))];
    for (const generation of names)
      expect(await stamp(generation, stamped.carrier)).toBeGreaterThanOrEqual(stamped.count);
    return names;
  }

  async function flipToAndFro(
    view: FlippedView,
    [old, built]: readonly [string, string],
  ): Promise<FlipReport> {
    const readers = new FlipReaders({
      ...view,
      stamped: stamped.count,
      readers: 10,
      readsPerSecond: readsPerSecondOfView,
    });
    const served = (name: string) =>
      until(() => readers.generation === name, { limitMs: 30_000, everyMs: 5 });
    const number = built.replace(/^.*_g/, '');
    try {
      expect(await served(old)).toBe(true);
      for (let round = 0; round < rounds; round += 1) {
        const flipped = await client.control('POST', `/views/${view.name}/generations/${number}/flip`);
        expect(flipped).toMatchObject({ status: 200 });
        expect(await served(built)).toBe(true);
        const rolledBack = await client.control('POST', `/views/${view.name}/rollback`);
        expect(rolledBack).toMatchObject({ status: 200 });
        expect(await served(old)).toBe(true);
      }
    } finally {
      await readers.stop();
    }
    return readers.report;
  }

  test(
    'under live writes fail no read, mix no answer, and never turn time back',
    async () => {
      await scheduleAll();
      const generations = await Promise.all(views.map(generationsOf));
      const flipping = { isOver: false };
      const writing = (async () => {
        for (let write = moving.count + 1; !flipping.isOver; write += 1) {
          await move(write, write);
          await pause(writeEveryMs);
        }
      })();
      const began = performance.now();
      const reports = await Promise.all(
        views.map((view, place) => flipToAndFro(view, generations[place] ?? ['', ''])),
      ).finally(() => {
        flipping.isOver = true;
      });
      const seconds = (performance.now() - began) / 1_000;
      await writing;
      for (const { failures, mixed, backwards, reads } of reports) {
        expect({ failures, mixed, backwards }).toEqual({ failures: [], mixed: [], backwards: [] });
        expect(reads).toBeGreaterThan(1_000);
      }
      const reads = reports.reduce((sum, report) => sum + report.reads, 0);
      process.stderr.write(
        `${reads} reads in ${seconds.toFixed(0)} s over ${4 * rounds} flips and rollbacks\n`,
      );
    },
    6 * minute,
  );
});

function shownIn(
  rows: readonly unknown[],
  by: { isStamped: (row: unknown) => boolean; stamp: string; place: (row: unknown) => number },
): Shown {
  return {
    stamps: rows.filter(by.isStamped).map((row) => member(row, by.stamp)),
    places: new Map(
      rows.map((row) => [String(member(row, 'flightId') ?? member(row, 'destination')), by.place(row)]),
    ),
  };
}
