import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Session } from '@reprise/client';
import {
  besidePort,
  provisionBeside,
  provisionServices,
  servicePorts,
  type Supervisor,
} from '@reprise/infra';
import { testConnections } from '@reprise/testing';
import { until } from '../src/wait.js';
import { Client, list, member } from './client.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const sessions = 4;
const flightsOfSession = 15;
const flipEveryMs = 200;

/** The views, each with two query services: that of the platform, and one beside it. */
const views = [
  { name: 'departure-board', portOffset: servicePorts.departureBoard },
  { name: 'flight-search', portOffset: servicePorts.flightSearch },
  { name: 'route-punctuality', portOffset: servicePorts.routePunctuality },
  { name: 'flight-timeline', portOffset: servicePorts.flightTimeline },
] as const;
type ViewName = (typeof views)[number]['name'];
const flipped: readonly ViewName[] = ['departure-board', 'flight-search', 'route-punctuality'];

describe('a session, of query services that are two of each view, while generations are flipped', () => {
  const { portBase, stateDir } = testConnections();
  const client = new Client(portBase);
  let services: Supervisor | undefined;
  let beside: Supervisor | undefined;

  beforeAll(async () => {
    const engines = {
      connections: testConnections(),
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
    };
    const options = { root, stateDir, portBase };
    services = await provisionServices(engines, options);
    await services.start();
    beside = await provisionBeside(
      engines,
      options,
      views.map(({ name }) => ({ view: name, root })),
    );
    await beside.start();
  }, 4 * minute);

  afterAll(async () => {
    await beside?.stop();
    await services?.stop();
  }, minute);

  /** Where a view is asked: by turns of the one and of the other. */
  function urlOf(name: ViewName, turn: number): string {
    const place = views.findIndex((view) => view.name === name);
    const offset = turn % 2 === 0 ? (views[place]?.portOffset ?? 0) : besidePort(place);
    return client.url(offset);
  }

  /** One flight more, and what each view says of it at once. */
  async function writeAndRead(session: Session, of: number, number: number): Promise<string[]> {
    const [origin, carrier] = [`RW${of}`, 'RW'];
    const scheduledDeparture = new Date(Date.UTC(2014, 5, 1, 12, number)).toISOString();
    const plan = { carrier, number, origin, destination: 'DST', scheduledDeparture };
    const isByTheLine = number % 3 === 0;
    const written = await session.fetch(
      `${client.url(servicePorts.flightCommands)}${isByTheLine ? '/commands' : '/flights'}`,
      {
        method: 'POST',
        headers: { 'content-type': isByTheLine ? 'application/x-ndjson' : 'application/json' },
        body: JSON.stringify(isByTheLine ? { type: 'ScheduleFlight', ...plan } : plan),
      },
    );
    await written.text();
    const id = `2014-06-01-${carrier}${number}-${origin}`;
    const ask = async (name: ViewName, path: string): Promise<unknown> => {
      const answer = await session.fetch(`${urlOf(name, number + of)}${path}`);
      return answer.ok ? answer.json() : { status: answer.status };
    };
    const from = 'from=2014-06-01T00:00:00Z&limit=1000';
    const [board, found, route, timeline] = await Promise.all([
      ask('departure-board', `/airports/${origin}/departures?${from}`),
      ask('flight-search', `/flights?origin=${origin}&limit=0`),
      ask('route-punctuality', `/routes/${origin}/DST/punctuality`),
      ask('flight-timeline', `/flights/${id}/timeline`),
    ]);
    const shown = {
      'departure-board': list(board, 'departures').length,
      'flight-search': member(found, 'total'),
      'route-punctuality': member(route, 'flights'),
      'flight-timeline': list(timeline, 'entries').length === 1 ? number : timeline,
    };
    const wrong = Object.entries(shown).filter(([, count]) => count !== number);
    return [
      ...(written.ok ? [] : [`the command was answered ${written.status}`]),
      ...wrong.map(([name, count]) => `${name} shows ${JSON.stringify(count)} of ${number} flights`),
    ];
  }

  async function rebuilt(name: ViewName): Promise<string> {
    const built = member((await client.control('POST', `/views/${name}/rebuilds`)).body, 'number');
    const path = `/views/${name}/generations/${String(built)}`;
    const isReady = async () => member((await client.control('GET', path)).body, 'status') === 'ready';
    expect(await until(isReady, { limitMs: 2 * minute })).toBe(true);
    return path;
  }

  test(
    'sees what it wrote in every view, at once, and never less than it saw',
    async () => {
      const paths = await Promise.all(flipped.map(rebuilt));
      let isOver = false;
      let flips = 0;
      const flipping = Promise.all(
        flipped.map(async (name, place) => {
          while (!isOver) {
            const there = await client.control('POST', `${paths[place] ?? ''}/flip`);
            const back = await client.control('POST', `/views/${name}/rollback`);
            expect([there.status, back.status]).toEqual([200, 200]);
            flips += 2;
            await pause(flipEveryMs);
          }
        }),
      );
      const wrong = await Promise.all(
        Array.from({ length: sessions }, async (_, of) => {
          const session = new Session();
          const found: string[] = [];
          for (let number = 1; number <= flightsOfSession; number += 1)
            found.push(...(await writeAndRead(session, of, number)));
          return found;
        }),
      ).finally(() => {
        isOver = true;
      });
      await flipping;
      expect(wrong.flat()).toEqual([]);
      expect(flips).toBeGreaterThan(2);
    },
    6 * minute,
  );

  test('is refused rather than shown less, when a view does not get there', async () => {
    const beyond = 'flights.flight/0:999999999';
    for (const [place, { portOffset }] of views.entries()) {
      const path = ['/airports/RW0/departures', '/flights?limit=0', '/routes', '/flights/x/timeline'][place];
      const answer = await fetch(`${client.url(portOffset)}${path ?? ''}`, {
        headers: {
          'reprise-min-position': beyond.replace('flight/', place === 3 ? 'flight-history/' : 'flight/'),
          prefer: 'wait=0',
        },
      });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(member(await answer.json(), 'code')).toBe('position-not-shown');
    }
  });
});
