import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { testConnections } from '@reprise/testing';
import pg from 'pg';
import { identify } from '../process-identity.js';
import { Secrets } from '../secrets.js';
import { UnprivilegedUser } from '../unprivileged.js';
import { Engine } from './engine.js';
import { postgresBinaries } from './local-engines.js';
import { postgres } from './postgres.js';

describe('a local engine, on PostgreSQL', () => {
  let stateDir: string;
  let engine: Engine | undefined;

  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'engine-'));
  });
  afterEach(async () => {
    await engine?.stop();
    rmSync(stateDir, { recursive: true });
  });

  function made(): { engine: Engine; url: string } {
    const spec = postgres({
      dataDir: join(stateDir, 'data'),
      portBase: testConnections().portBase,
      password: new Secrets(stateDir).password('postgres'),
      binDir: postgresBinaries(),
      user: UnprivilegedUser.find(),
    });
    engine = new Engine(spec, stateDir);
    return { engine, url: spec.url };
  }

  async function query(url: string, text: string): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  test('keeps its data when it is killed and started again', async () => {
    const { engine: killed, url } = made();
    await killed.start(() => undefined);
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS number');
    killed.kill('SIGKILL');
    await killed.start(() => undefined);
    expect(await query(url, 'SELECT number FROM kept')).toEqual([{ number: 1 }]);
  });

  test('one that a crashed run left behind is found by its pid file and stopped', async () => {
    const { engine: forgotten } = made();
    await forgotten.start(() => undefined);
    const pid = forgotten.pid ?? 0;
    const { engine: next } = made();
    expect(await next.stopLeftOver()).toBe(true);
    expect(identify(pid)).toBeUndefined();
    await next.start(() => undefined);
    expect(next.pid).not.toBe(pid);
  });

  test('lets nobody in without the password, which only the owner of the state folder can read', async () => {
    const { engine: running, url } = made();
    await running.start(() => undefined);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
    expect(statSync(join(stateDir, 'secrets.json')).mode & 0o777).toBe(0o600);
  });
});
