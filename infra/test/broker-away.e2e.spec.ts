import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { provisionServices, type Supervisor } from '@reprise/infra';
import { testConnections } from '@reprise/testing';
import { until } from '../src/wait.js';
import { brokerProcess } from './broker-process.js';
import { Client, list, member } from './client.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
/** How long the broker says nothing. `REPRISE_TEST_BROKER_AWAY_S=120` for two minutes. */
const awayMs = Number(process.env['REPRISE_TEST_BROKER_AWAY_S'] ?? 20) * 1_000;
const flightNumbers = [1, 2, 3, 4, 5, 6];
const flightOf = (number: number): string => `2014-06-01-BW${number}-BWA`;

/** What was accepted of one flight: its versions, with the departure that each set. */
type Accepted = Map<number, string>;

describe('the platform, while its broker says nothing', () => {
  const connections = testConnections();
  const { portBase, stateDir } = connections;
  const client = new Client(portBase);
  const accepted = new Map<number, Accepted>(flightNumbers.map((number) => [number, new Map()]));
  const statuses = new Map<number, number>();
  let services: Supervisor | undefined;
  let minuteOfDay = 0;

  beforeAll(async () => {
    const engines = { connections, start: () => Promise.resolve(), stop: () => Promise.resolve() };
    services = await provisionServices(engines, { root, stateDir, portBase });
    await services.start();
  }, 4 * minute);

  afterAll(async () => {
    await services?.stop();
  }, minute);

  /** Puts the flights off, one after another, until told to stop. */
  async function load(isOver: () => boolean): Promise<void> {
    await Promise.all(
      flightNumbers.map(async (number) => {
        while (!isOver()) {
          await putOff(number);
          await pause(100);
        }
      }),
    );
  }

  async function putOff(number: number): Promise<void> {
    minuteOfDay += 1;
    const scheduledDeparture = new Date(Date.UTC(2014, 5, 1) + minuteOfDay * 1_000).toISOString();
    const { status, body } = await client.commands('POST', '/flights', {
      ...{ carrier: 'BW', number, origin: 'BWA', destination: 'BWB', date: '2014-06-01', scheduledDeparture },
    });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status < 300) accepted.get(number)?.set(Number(member(body, 'version')), scheduledDeparture);
  }

  const outboxDepth = async (): Promise<number> =>
    Number(member((await client.commands('GET', '/outbox')).body, 'depth'));

  /** The departures that the timeline tells, by version. */
  async function told(number: number): Promise<[unknown, unknown][]> {
    const { body } = await client.timeline(flightOf(number));
    return list(body, 'entries').map((entry) => [
      member(entry, 'version'),
      member(member(entry, 'changed'), 'scheduledDeparture'),
    ]);
  }

  test(
    'takes commands all the time, as operations to ask about, and measures what waits',
    async () => {
      const broker = brokerProcess(stateDir);
      let isOver = false;
      const loading = load(() => isOver);
      expect(await until(() => (statuses.get(200) ?? 0) > 10, { limitMs: minute })).toBe(true);
      await broker.freeze();
      try {
        await pause(awayMs);
        const { body } = await client.commands('GET', '/outbox');
        expect(Number(member(body, 'depth'))).toBeGreaterThan(flightNumbers.length);
        expect(Number(member(body, 'oldestAgeMs'))).toBeGreaterThan(awayMs / 2);
      } finally {
        await broker.thaw();
        isOver = true;
        await loading;
      }
      expect([...statuses.keys()].filter((status) => ![200, 201, 202].includes(status))).toEqual([]);
      expect(statuses.get(202)).toBeGreaterThan(flightNumbers.length);
    },
    awayMs + 3 * minute,
  );

  test(
    'has every accepted command in the views afterwards, in order, once',
    async () => {
      expect(await until(async () => (await outboxDepth()) === 0, { limitMs: 2 * minute })).toBe(true);
      for (const [number, versions] of accepted) {
        const newest = Math.max(...versions.keys());
        const isTold = async (): Promise<boolean> => (await told(number)).length >= newest;
        expect(await until(isTold, { limitMs: 2 * minute })).toBe(true);
        expect(await told(number)).toEqual([...versions].sort(([one], [other]) => one - other));
        const last = versions.get(newest);
        const shows = async (): Promise<boolean> => {
          const board = (await client.board('BWA', { from: '2014-01-01T00:00:00Z' })).body;
          const found = (await client.search({ origin: 'BWA' })).body;
          return [list(board, 'departures'), list(found, 'hits')].every((rows) =>
            rows.some(
              (row) =>
                member(row, 'flightId') === flightOf(number) && member(row, 'scheduledDeparture') === last,
            ),
          );
        };
        expect(await until(shows, { limitMs: minute })).toBe(true);
      }
      const route = await client.punctuality('BWA', 'BWB');
      expect(member(route.body, 'flights')).toBe(flightNumbers.length);
    },
    8 * minute,
  );
});
