import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { identify } from './process-identity.js';
import { Supervisor, type SupervisedSpec } from './supervisor.js';
import { until } from './wait.js';

const service = `
import { createServer } from 'node:http';
import { appendFileSync } from 'node:fs';
const server = createServer((request, response) => response.end(process.pid.toString()));
server.listen(Number(process.env.REPRISE_PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  appendFileSync(process.env.STOPPED, process.env.REPRISE_PORT + '\\n');
  process.exit(0);
});
`;

describe('the supervisor', () => {
  let folder: string;
  let supervisor: Supervisor | undefined;
  let specs: SupervisedSpec[];
  const limit = { limitMs: 20_000, everyMs: 20 };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'supervisor-'));
    writeFileSync(join(folder, 'service.mjs'), service);
    specs = await Promise.all(['one', 'two'].map((name) => spec(name)));
  });
  afterEach(async () => {
    await supervisor?.stop();
    rmSync(folder, { recursive: true });
  });

  async function spec(name: string, entry = 'service.mjs'): Promise<SupervisedSpec> {
    const port = await freePort();
    const env = { REPRISE_PORT: String(port), STOPPED: join(folder, 'stopped') };
    return { name, entry: join(folder, entry), port, env };
  }

  async function started(): Promise<Supervisor> {
    supervisor = new Supervisor({ specs, logsDir: join(folder, 'logs') });
    await supervisor.start();
    return supervisor;
  }

  const portOf = (name: string): number => specs.find((one) => one.name === name)?.port ?? 0;
  const answer = async (name: string): Promise<number> =>
    Number(await (await fetch(`http://127.0.0.1:${portOf(name)}`)).text());

  test('starts a process again that was killed, and leaves its neighbours alone', async () => {
    const running = await started();
    const [before, neighbour] = [running.pidOf('one'), running.pidOf('two')];
    running.kill('one', 'SIGKILL');
    expect(await until(async () => (await answer('one')) !== before, limit)).toBe(true);
    expect(await answer('one')).toBe(running.pidOf('one'));
    expect(running.restartsOf('one')).toBe(1);
    expect(await answer('two')).toBe(neighbour);
  });

  test('has those that yield wait for the others, also of other sessions', async () => {
    specs = specs.map((one) => ({ ...one, yields: one.name === 'two' }));
    const running = await started();
    const pids = [running.pidOf('one') ?? 0, running.pidOf('two') ?? 0];
    const [own, ours, theirs] = [getPriority(), ...pids.map((pid) => getPriority(pid))];
    expect([ours, theirs]).toEqual([own, expect.any(Number)]);
    expect(theirs).toBeGreaterThan(own);
    const groups = pids.map((pid) => `/proc/${pid}/autogroup`);
    if (!groups.every((file) => existsSync(file))) return;
    const [first, second] = groups.map((file) =>
      Number(/nice (-?\d+)/.exec(readFileSync(file, 'utf8'))?.[1]),
    );
    expect(second).toBeGreaterThan(first ?? 0);
  });

  test('leaves a suspended one down until it is resumed', async () => {
    const running = await started();
    running.suspendRestart('one');
    running.kill('one', 'SIGKILL');
    expect(await until(() => running.pidOf('one') === undefined, limit)).toBe(true);
    running.resumeRestart('one');
    expect(await until(async () => (await answer('one')) === running.pidOf('one'), limit)).toBe(true);
    expect(running.restartsOf('one')).toBe(0);
  });

  test('asks all of them to stop, and starts none again', async () => {
    const running = await started();
    const pids = [running.pidOf('one'), running.pidOf('two')];
    await running.stop();
    expect(pids.map((pid) => identify(pid ?? 0))).toEqual([undefined, undefined]);
    const stopped = readFileSync(join(folder, 'stopped'), 'utf8').trim().split('\n');
    expect(stopped.toSorted()).toEqual(specs.map(({ port }) => String(port)).toSorted());
  });

  test('says which file is missing, and starts nothing', async () => {
    specs = [...specs, await spec('three', 'absent.mjs')];
    await expect(started()).rejects.toThrow(/absent\.mjs is missing: the packages are not built/);
    expect(existsSync(join(folder, 'logs'))).toBe(false);
  });

  test('does not wait for a process that is well and has nothing to serve, and says so', async () => {
    const report = { status: 'idle', checks: { store: 'ok', view: 'live in version 3' } };
    const idle = service.replace(
      'response.end(process.pid.toString())',
      `response.writeHead(503).end('${JSON.stringify(report)}')`,
    );
    writeFileSync(join(folder, 'idle.mjs'), idle);
    specs = [...specs, await spec('three', 'idle.mjs')];
    const said: string[] = [];
    supervisor = new Supervisor({
      specs,
      logsDir: join(folder, 'logs'),
      onIdle: (name, reason) => said.push(`${name}: ${reason}`),
    });
    await supervisor.start();
    expect(said).toEqual(['three: live in version 3']);
  });

  test('stops one for good when asked to, and leaves its neighbours alone', async () => {
    const running = await started();
    await running.stopOne('one');
    expect(running.pidOf('one')).toBeUndefined();
    expect(running.restartsOf('one')).toBe(0);
    expect(await answer('two')).toBe(running.pidOf('two'));
  });

  test('gives up on a process that only ever ends, with its last words, and stops the others', async () => {
    writeFileSync(join(folder, 'broken.mjs'), "console.error('no such database'); process.exit(1);");
    specs = [...specs, await spec('three', 'broken.mjs')];
    await expect(started()).rejects.toThrow(/three is not ready[^]*no such database/);
    expect(supervisor?.pidOf('one')).toBeUndefined();
  });
});

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
