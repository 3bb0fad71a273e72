import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Session } from '@reprise/client';
import { provisionServices, servicePorts, topology, type Supervisor } from '@reprise/infra';
import { testConnections } from '@reprise/testing';
import { until } from '../src/wait.js';
import { Client, member } from './client.js';
import { metricsIn } from './metric-names.js';
import { Scrape } from './scrape.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const flights = 12;
const relay = 'flight-commands-relay';

/** The views, and a question that shows the flights of this suite. */
const views = [
  { name: 'departure-board', port: servicePorts.departureBoard, path: '/airports/MTR/departures' },
  { name: 'flight-search', port: servicePorts.flightSearch, path: '/flights?origin=MTR' },
  { name: 'route-punctuality', port: servicePorts.routePunctuality, path: '/routes?origin=MTR' },
  {
    name: 'flight-timeline',
    port: servicePorts.flightTimeline,
    path: '/flights/2014-06-01-MT1-MTR/timeline',
  },
];

describe('every process of the platform says in numbers what it does', () => {
  const { portBase, stateDir } = testConnections();
  const client = new Client(portBase);
  let services: Supervisor;
  let booked = 0;

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
    services.kill(relay, 'SIGCONT');
    await services.stop();
  }, minute);

  function scrape(process: string): Promise<Scrape> {
    const found = topology.find(({ name }) => name === process);
    if (!found) throw new RangeError(`no such process: ${process}`);
    return Scrape.of(client.url(found.portOffset));
  }

  /** Waits until the process says so. */
  async function says(process: string, what: (told: Scrape) => boolean): Promise<void> {
    const reached = await until(async () => what(await scrape(process)), { limitMs: minute });
    if (!reached) throw new Error(`${process} never said ${what.toString()}`);
  }

  function book(
    session: Pick<Session, 'fetch'>,
    number: number,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return session.fetch(`${client.url(servicePorts.flightCommands)}/flights`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        carrier: 'MT',
        number,
        origin: 'MTR',
        destination: 'QQQ',
        scheduledDeparture: '2014-06-01T12:00:00-04:00',
      }),
    });
  }

  test(
    'counters of every station move with a command, and lag comes to nothing',
    async () => {
      // The first generations are built before anything is asked.
      for (const { name } of views)
        await says(name, (told) => told.sum('reprise_query_serves_live', { view: name }) === 1);
      const session = new Session({ timeoutMs: minute });
      for (; booked < flights; booked += 1) expect((await book(session, booked + 1)).status).toBe(201);
      for (const { port, path } of views)
        expect((await session.fetch(`${client.url(port)}${path}`)).status).toBe(200);
      const commands = await scrape('flight-commands');
      expect(commands.sum('reprise_commands_total', { entity: 'flight', outcome: 'accepted' })).toBe(flights);
      expect(commands.sum('reprise_command_transaction_commands_sum')).toBeGreaterThanOrEqual(flights);
      const posts = { method: 'POST', route: '/flights', status: '201' };
      expect(commands.sum('reprise_http_request_duration_seconds_count', posts)).toBe(flights);
      expect((await scrape(relay)).sum('reprise_relay_publishing')).toBe(1);
      // Each event goes to the stream of states and to that of history.
      await says(relay, (told) => told.sum('reprise_relay_records_total') === 2 * flights);
      for (const { name } of views) {
        const builder = `${name}-builder`;
        await says(builder, (told) => (told.sum('reprise_builder_records_read_total') ?? 0) >= flights);
        await says(builder, (told) => (told.sum('reprise_builder_entities_applied_total') ?? 0) >= flights);
        await says(builder, (told) => told.sum('reprise_builder_lag_records') === 0);
        await says(builder, (told) => told.sum('reprise_builder_lag_seconds') === 0);
        const queries = await scrape(name);
        expect(queries.sum('reprise_query_served_generation')).toBe(1);
        const asked = { method: 'GET', status: '200' };
        expect(queries.sum('reprise_http_request_duration_seconds_count', asked)).toBeGreaterThanOrEqual(1);
      }
    },
    3 * minute,
  );

  test('what is refused is counted as such, and so is what a query could not wait for', async () => {
    expect((await book(new Session(), 1)).status).toBe(200);
    const departedAt = '2014-06-01T12:10:00-04:00';
    const unknown = await client.commands('POST', '/flights/2014-06-01-MT99-MTR/departure', { departedAt });
    expect(unknown.status).toBe(404);
    const commands = await scrape('flight-commands');
    expect(commands.sum('reprise_commands_total', { entity: 'flight', outcome: 'unchanged' })).toBe(1);
    expect(commands.sum('reprise_commands_total', { entity: 'flight', outcome: 'refused' })).toBe(1);
    const late = { outcome: 'late' };
    const before = (await scrape('flight-search')).sum('reprise_query_position_waits_total', late) ?? 0;
    const headers = { 'reprise-min-position': 'flights.flight/0:1000000', prefer: 'wait=0' };
    const answer = await fetch(`${client.url(servicePorts.flightSearch)}/flights?origin=MTR`, { headers });
    expect(answer.status).toBe(503);
    const waits = await scrape('flight-search');
    expect(waits.sum('reprise_query_position_waits_total', late)).toBe(before + 1);
    expect(waits.sum('reprise_query_position_waiters')).toBe(0);
  });

  test(
    'the outbox is seen to grow and to age while its relay hangs, and to empty when that goes on',
    async () => {
      services.kill(relay, 'SIGSTOP');
      const before = (await scrape('flight-commands')).sum('reprise_outbox_records');
      expect(before).toBe(0);
      // Not as a session: that would wait for the log.
      const answer = await book({ fetch }, 1_000, { prefer: 'respond-async' });
      expect(answer.status).toBe(202);
      await says('flight-commands', (told) => told.sum('reprise_outbox_records') === 2);
      await says('flight-commands', (told) => (told.sum('reprise_outbox_oldest_age_seconds') ?? 0) > 0.5);
      services.kill(relay, 'SIGCONT');
      await says('flight-commands', (told) => told.sum('reprise_outbox_records') === 0);
      expect((await scrape('flight-commands')).sum('reprise_outbox_oldest_age_seconds')).toBe(0);
    },
    2 * minute,
  );

  test(
    'a rebuild and its flip are seen at the control plane, at the builder and at the query service',
    async () => {
      const of = { view: 'departure-board' };
      const plane = await scrape('control-plane');
      expect(plane.sum('reprise_view_live_generation', of)).toBe(1);
      expect(plane.sum('reprise_view_builders', of)).toBe(1);
      const flips = plane.sum('reprise_view_flips_total', { ...of, kind: 'flip' }) ?? 0;
      const started = await client.control('POST', '/views/departure-board/rebuilds', { autoFlip: true });
      expect(member(started.body, 'number')).toBe(2);
      await says('control-plane', (told) => told.sum('reprise_view_live_generation', of) === 2);
      const after = await scrape('control-plane');
      expect(after.sum('reprise_view_flips_total', { ...of, kind: 'flip' })).toBe(flips + 1);
      const built = { ...of, generation: '2' };
      expect(after.sum('reprise_generation_verification_differences', built)).toBe(0);
      expect(after.sum('reprise_generation_built_ratio', built)).toBe(1);
      await says('departure-board', (told) => told.sum('reprise_query_served_generation') === 2);
      await says('departure-board', (told) => told.sum('reprise_query_switch_held_seconds_count') === 1);
      const fed = { view: 'departure-board', generation: '2', phase: 'feeding' };
      await says(
        'departure-board-builder',
        (told) => told.sum('reprise_builder_generation_phase', fed) === 1,
      );
    },
    3 * minute,
  );

  test('no label holds a key or an address as it was called, and the alerts and the dashboard ask for what is there', async () => {
    const all = await Promise.all(topology.map(({ name }) => scrape(name)));
    const values = new Set(
      all.flatMap(({ samples }) => samples.flatMap(({ labels }) => Object.values(labels))),
    );
    expect([...values].filter((value) => /2014-06|MTR|QQQ|\?/.test(value))).toEqual([]);
    for (const told of all) expect(told.sum('process_cpu_seconds_total')).toBeGreaterThan(0);
    const declared = new Set(all.flatMap((told) => [...told.declared]));
    const asked = ['alerts.yml', 'grafana/dashboards/reprise.json'].flatMap((file) =>
      metricsIn(readFileSync(join(root, 'infra/observability', file), 'utf8')),
    );
    expect(asked.filter((name) => !declared.has(name))).toEqual([]);
  });
});
