import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { provisionServices, servicePorts, type Supervisor } from '@reprise/infra';
import { testConnections } from '@reprise/testing';
import { until } from '../src/wait.js';
import { Client, list, member, type Answer } from './client.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const limit = { limitMs: 2 * minute, everyMs: 50 };
const view = 'route-punctuality';

/** Where the control plane dies, and whether what it stores there is done once it is back. */
const points = [
  { point: 'before commit', isDone: false },
  { point: 'after commit', isDone: true },
  { point: 'before forget', isDone: true },
  { point: 'after forget', isDone: true },
] as const;
/** What it stores first and second when it is asked for a flip or a rollback. */
const facts = ['announcement', 'decision'] as const;
const deaths = facts.flatMap((fact) => points.map((place) => ({ ...place, fact })));

describe('a control plane and a builder that are killed at every point of a flip, a rollback and a retirement', () => {
  const connections = testConnections();
  const { portBase, stateDir } = connections;
  const client = new Client(portBase);
  const armed = join(stateDir, 'crash-point');
  const inherited = process.env['NODE_OPTIONS'];
  let services: Supervisor | undefined;
  let restarts = 0;

  beforeAll(async () => {
    const preloaded = pathToFileURL(join(import.meta.dirname, 'crash-points.mjs')).href;
    process.env['NODE_OPTIONS'] = `--import=${preloaded}`;
    process.env['REPRISE_TEST_CRASH_POINT'] = armed;
    const engines = { connections, start: () => Promise.resolve(), stop: () => Promise.resolve() };
    services = await provisionServices(engines, {
      ...{ root, stateDir, portBase },
      only: ['control-plane', `${view}-builder`, view],
      onRestart: () => (restarts += 1),
    });
    await services.start();
  }, 4 * minute);

  afterAll(async () => {
    await services?.stop();
    if (inherited === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = inherited;
    delete process.env['REPRISE_TEST_CRASH_POINT'];
  }, minute);

  /** Undefined while nobody answers. */
  const ask = (method: string, path: string): Promise<Answer | undefined> =>
    client.control(method, `/views/${view}${path}`).catch(() => undefined);

  async function known() {
    let body: unknown;
    const isTold = async (): Promise<boolean> => {
      const answer = await ask('GET', '');
      body = answer?.body;
      return answer?.status === 200;
    };
    expect(await until(isTold, limit)).toBe(true);
    return {
      live: Number(member(member(body, 'live'), 'number')),
      previous: member(body, 'previous'),
      generations: list(body, 'generations').map((generation) => ({
        number: Number(member(generation, 'number')),
        status: String(member(generation, 'status')),
        isDropped: member(generation, 'dropped') === true,
      })),
    };
  }

  /** What is live, what a rollback returns to, and what has become of this generation. */
  async function standing(number: number) {
    const { live, previous, generations } = await known();
    return [live, previous, generations.find((generation) => generation.number === number)?.status];
  }

  async function served(number: number): Promise<void> {
    const name = `route_punctuality_g${number}`;
    const isServed = async (): Promise<boolean> =>
      (await client.get(servicePorts.routePunctuality, '/routes')).generation === name;
    expect(await until(isServed, limit)).toBe(true);
  }

  /** Dies there, and is back. */
  async function killedAt(point: string, work: () => Promise<unknown>, passes = 0): Promise<void> {
    const before = restarts;
    writeFileSync(armed, `${passes} ${point}`);
    await work();
    expect(await until(() => restarts > before, limit)).toBe(true);
    expect(existsSync(armed)).toBe(false);
  }

  async function rebuilt(): Promise<number> {
    // The control plane notes what was dropped: that is not to be taken for what it is asked.
    const isQuiet = async (): Promise<boolean> =>
      (await known()).generations.every(({ status, isDropped }) => status !== 'retired' || isDropped);
    expect(await until(isQuiet, limit)).toBe(true);
    const started = await ask('POST', '/rebuilds');
    const number = Number(member(started?.body, 'number'));
    expect(await until(async () => (await standing(number))[2] === 'ready', limit)).toBe(true);
    return number;
  }

  /** Asked for at a control plane that dies over it; what was undone is asked for again. */
  async function survives(
    { point, isDone, passes }: { point: string; isDone: boolean; passes: number },
    wanted: { path: string; of: number; from: readonly unknown[]; to: readonly unknown[] },
  ): Promise<void> {
    const { path, of, from, to } = wanted;
    expect(await standing(of)).toEqual(from);
    const asked = async (): Promise<void> => {
      // It may have answered before it died, but only with yes.
      expect([undefined, 200]).toContain((await ask('POST', path))?.status);
    };
    await killedAt(point, asked, passes);
    expect(await standing(of)).toEqual(isDone ? to : from);
    if (!isDone) expect(await ask('POST', path)).toMatchObject({ status: 200 });
    expect(await standing(of)).toEqual(to);
  }

  test.each(deaths)(
    '$point of the $fact: each is done whole or not at all, and readers follow',
    async ({ point, fact, isDone }) => {
      // What is only announced is not done, and is asked for again.
      const twofold = { point, isDone: isDone && fact === 'decision', passes: facts.indexOf(fact) };
      expect(await until(async () => (await known()).live > 0, limit)).toBe(true);
      const { live: old, previous } = await known();
      const of = await rebuilt();
      const [ready, live] = [
        [old, previous, 'ready'],
        [of, old, 'live'],
      ];
      await survives(twofold, { path: `/generations/${of}/flip`, of, from: ready, to: live });
      await served(of);
      const standby = [old, null, 'standby'];
      await survives(twofold, { path: '/rollback', of, from: live, to: standby });
      await served(old);
      const retired = [old, null, 'retired'];
      const once = { point, isDone, passes: 0 };
      await survives(once, { path: `/generations/${of}/retire`, of, from: standby, to: retired });
      await served(old);
    },
    6 * minute,
  );

  test.each(['before drop', 'after drop'])(
    'a builder that dies %s of a retired generation drops it when it is back',
    async (point) => {
      const { live } = await known();
      const built = await rebuilt();
      await killedAt(point, () => ask('POST', `/generations/${built}/retire`));
      const isDropped = async (): Promise<boolean> =>
        (await known()).generations.some((one) => one.number === built && one.isDropped);
      expect(await until(isDropped, limit)).toBe(true);
      await served(live);
    },
    6 * minute,
  );
});
