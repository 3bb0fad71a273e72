import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  besidePort,
  provisionBeside,
  provisionServices,
  servicePorts,
  type Supervisor,
} from '@reprise/infra';
import { LogAdmin } from '@reprise/log';
import { testConnections } from '@reprise/testing';
import { until } from '../src/wait.js';
import { Client, list, member } from './client.js';
import { makeNextVersion } from './next-version.js';
import { Readers, Writer, type Question, type ReadReport } from './readers.js';
import { Gateway, VersionService } from './version-services.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const limit = { limitMs: minute, everyMs: 50 };
/** A steady load that leaves the machine to the builders. */
const pauseMs = 20;
const name = 'flight-search';
const view = `/views/${name}`;
/** Where a reader has been asked this often since, it has been asked after what was before. */
const someReads = 20;

interface Generation {
  readonly number: number;
  readonly name: string;
  readonly definitionVersion: number;
  readonly status: unknown;
  readonly isDropped: boolean;
}

describe('two versions of a view side by side', () => {
  const { portBase, stateDir, kafkaBrokers, registryUrl, elasticsearchUrl } = testConnections();
  const client = new Client(portBase);
  const nextRoot = join(stateDir, 'next-version');
  const before = new VersionService(client, servicePorts.flightSearch, {
    has: ['tailnum', 'aircraftSeats'],
    lacks: ['tailNumber', 'route'],
  });
  const next = new VersionService(client, besidePort(0), {
    has: ['tailNumber', 'route'],
    lacks: ['tailnum', 'aircraftSeats'],
  });
  const gateway = new Gateway([before, next]);
  let services: Supervisor | undefined;
  let beside: Supervisor | undefined;
  let version = 0;
  let writer: Writer | undefined;
  const reading: Readers[] = [];

  beforeAll(async () => {
    const engines = { connections: testConnections() };
    const options = { root, stateDir, portBase };
    services = await provisionServices(engines, options);
    await services.start();
    // The control plane may hear of it a moment after the query service.
    expect(await until(async () => (await liveGeneration()).status === 'live', limit)).toBe(true);
    version = (await liveGeneration()).definitionVersion;
    makeNextVersion(root, { at: nextRoot, version: version + 1 });
    beside = await provisionBeside(engines, options, [{ view: name, root: nextRoot }]);
    await beside.start();
    writer = new Writer(schedule, 1);
    expect(await until(async () => (await before.total()) > 0, limit)).toBe(true);
  }, 3 * minute);

  afterAll(async () => {
    await writer?.stop();
    await Promise.all(reading.map((readers) => readers.stop()));
    await beside?.stop();
    await services?.stop();
  }, minute);

  const schedule = (number: number) =>
    client.commands('POST', '/flights', {
      carrier: 'ZZ',
      number,
      origin: 'TST',
      destination: 'QQQ',
      scheduledDeparture: '2014-06-01T12:00:00-04:00',
    });

  const generation = async (number: unknown): Promise<Generation> => {
    const { body } = await client.control('GET', `${view}/generations/${String(number)}`);
    return {
      number: Number(member(body, 'number')),
      name: String(member(body, 'name')),
      definitionVersion: Number(member(body, 'definitionVersion')),
      status: member(body, 'status'),
      isDropped: member(body, 'dropped') === true,
    };
  };

  const liveGeneration = async (): Promise<Generation> =>
    generation(member(member((await client.control('GET', view)).body, 'live'), 'number'));

  /** Both doors say which service reads what is live, the gateway has gone over, and both services have what is written. */
  async function followed(live: VersionService): Promise<void> {
    const other = live === next ? before : next;
    const isFollowed = async (): Promise<boolean> =>
      (await live.door()) === 200 && (await other.door()) === 503 && gateway.portOffset === live.portOffset;
    expect(await until(isFollowed, limit)).toBe(true);
    const written = writer?.written ?? 0;
    for (const service of [before, next])
      expect(await until(async () => (await service.total()) > written, limit)).toBe(true);
  }

  function readersOf(question: Question): Readers {
    const readers = new Readers([question], pauseMs);
    reading.push(readers);
    return readers;
  }

  async function goOnReading(readers: readonly Readers[]): Promise<void> {
    const wanted = readers.map(({ report }) => report.reads + someReads);
    const haveRead = (): boolean =>
      readers.every(({ report }, place) => report.reads >= (wanted[place] ?? 0));
    expect(await until(haveRead, limit)).toBe(true);
  }

  const act = async (path: string): Promise<void> => {
    expect(await client.control('POST', `${view}/${path}`)).toMatchObject({ status: 200 });
  };

  const expectFaultless = ({ failures, backwards, faults }: ReadReport): void => {
    expect({ failures, backwards, faults }).toEqual({ failures: [], backwards: [], faults: [] });
  };

  /** Indexes and consumer groups of a generation. */
  async function traces(of: Generation): Promise<string[]> {
    const admin = new LogAdmin({ brokers: kafkaBrokers, registryUrl, clientId: 'reprise-versions-test' });
    const groups = await admin.groups();
    await admin.stop();
    const answer = await fetch(`${elasticsearchUrl}/_cat/indices?format=json&expand_wildcards=all`);
    const indexes: unknown = await answer.json();
    const named = list({ indexes }, 'indexes').map((index) => String(member(index, 'index')));
    return [
      ...named.filter((index) => index.startsWith(`${of.name}_`)),
      ...groups.filter((group) => group.endsWith(of.name)),
    ];
  }

  test('a service of a version that was never built runs, has nothing to serve, and says why', async () => {
    const answer = await next.ask();
    expect(answer).toMatchObject({ status: 503, body: { code: 'version-not-served' } });
    expect(String(member(answer.body, 'detail'))).toContain(
      `live in version ${version}. This service reads version ${version + 1},`,
    );
    expect(await client.get(next.portOffset, '/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'idle' },
    });
    expect([await before.door(), await next.door()]).toEqual([200, 503]);
  });

  test(
    'is built, flipped to, taken back, flipped to again, and what was before it removed, without a failed or a mixed read',
    async () => {
      const old = await liveGeneration();
      const started = await client.control('POST', `${view}/rebuilds`, { definitionVersion: version + 1 });
      expect(started).toMatchObject({ status: 202, body: { definitionVersion: version + 1 } });
      const built = await generation(member(started.body, 'number'));
      const ofBefore = readersOf(before.question(old.name));
      const throughGateway = readersOf(gateway.question());
      expect(await until(async () => (await generation(built.number)).status === 'ready', limit)).toBe(true);
      expect(await until(async () => (await next.ask()).status === 200, limit)).toBe(true);
      const ofNext = readersOf(next.question(built.name));
      const all = [ofBefore, ofNext, throughGateway];
      await followed(before);
      await goOnReading(all);
      for (const [path, live] of [
        [`generations/${built.number}/flip`, next],
        ['rollback', before],
        [`generations/${built.number}/flip`, next],
      ] as const) {
        await act(path);
        await followed(live);
        await goOnReading(all);
      }
      expectFaultless(await ofBefore.stop());

      expect(await traces(old)).toHaveLength(3);
      await act(`generations/${old.number}/retire`);
      expect(await until(async () => (await before.ask()).status === 503, limit)).toBe(true);
      expect(await before.ask()).toMatchObject({ body: { code: 'version-not-served' } });
      expect(await until(async () => (await generation(old.number)).isDropped, limit)).toBe(true);
      for (const process of [name, `${name}-builder`]) await services?.stopOne(process);
      expect(await until(async () => (await traces(old)).length === 0, limit)).toBe(true);
      await goOnReading([ofNext, throughGateway]);
      expect(await traces(built)).toHaveLength(3);

      await writer?.stop();
      expect(await until(async () => (await next.total()) === writer?.written, limit)).toBe(true);
      expect(writer?.refused).toEqual([]);
      const reports = [await ofNext.stop(), await throughGateway.stop()];
      reports.forEach(expectFaultless);
      expect(reports[1]?.generations).toEqual(new Set([old.name, built.name]));
      const reads = all.map(({ report }) => report.reads);
      process.stderr.write(
        `reads of the version before, of the next, through a gateway: ${reads.join(', ')}\n`,
      );
    },
    5 * minute,
  );
});
