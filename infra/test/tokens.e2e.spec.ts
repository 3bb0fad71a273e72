import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Session } from '@reprise/client';
import { provisionServices, servicePorts, type Supervisor } from '@reprise/infra';
import { Issuer, testConnections } from '@reprise/testing';
import { z } from 'zod';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const { portBase, stateDir } = testConnections();
const url = (service: keyof typeof servicePorts): string =>
  `http://127.0.0.1:${portBase + servicePorts[service]}`;
const documentForm = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ 'x-scope': z.string().optional() }))),
});
/** For whoever is known: what they may do is decided behind the door. */
const forCallers = ['POST /commands', 'GET /operations/{id}'];

let issuer: Issuer;
let services: Supervisor;

/** As every process of this run, and of the tools that it starts, reads it. */
function tell(settings: Readonly<Record<string, string>>): void {
  Object.assign(process.env, settings);
}

beforeAll(async () => {
  issuer = await Issuer.open();
  tell(issuer.settings);
  const engines = {
    connections: testConnections(),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  services = await provisionServices(engines, { root, stateDir, portBase });
  await services.start();
}, 5 * minute);

afterAll(async () => {
  await services.stop();
  await issuer.stop();
  for (const name of Object.keys(issuer.settings)) Reflect.deleteProperty(process.env, name);
}, minute);

async function ask(target: string, token?: string) {
  const [method = '', address = ''] = target.split(' ');
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(address, { method, headers });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

describe.each(Object.keys(servicePorts) as (keyof typeof servicePorts)[])('%s', (service) => {
  test('lets nobody in without a token, and nobody without the scope that its description names', async () => {
    const { paths } = documentForm.parse(await (await fetch(`${url(service)}/docs-json`)).json());
    const stranger = await issuer.token({ scope: 'something:else' });
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { 'x-scope': scope }]) => ({
        name: `${method.toUpperCase()} ${path}`,
        target: `${method.toUpperCase()} ${url(service)}${path.replaceAll(/\{\w+\}/g, 'x')}`,
        scope,
      })),
    );
    expect(operations.length).toBeGreaterThan(0);
    for (const { name, target, scope } of operations) {
      expect({ name, ...(await ask(target)) }).toMatchObject({ name, status: 401 });
      if (forCallers.includes(name)) continue;
      expect({ name, ...(await ask(target, stranger)) }).toMatchObject({
        name,
        status: 403,
        body: { scope },
      });
      expect((await ask(target, await issuer.token({ scope: scope ?? '' }))).status).not.toBe(403);
    }
  });
});

test(
  'people and programs find their way with tokens',
  async () => {
    const scope = 'airline:write flight-search:read operator:read operator:write';
    const token = await issuer.token({ subject: 'ann', scope, expiresInS: 600 });
    const session = new Session({ token: () => Promise.resolve(token) });
    const put = await session.fetch(`${url('flightCommands')}/airlines/TK`, {
      method: 'PUT',
      body: '{"name":"Token Air"}',
      headers: { 'content-type': 'application/json' },
    });
    expect(put.status).toBeLessThan(300);
    expect((await session.fetch(`${url('flightSearch')}/flights?carrier=TK`)).status).toBe(200);
    const reprise = async (...args: string[]): Promise<string> => {
      const options = ['services/cli/dist/main.js', `--control=${url('controlPlane')}`, ...args];
      const env = { ...process.env, REPRISE_TOKEN: token, REPRISE_ACTOR: 'somebody else' };
      return (await promisify(execFile)(process.execPath, options, { cwd: root, env })).stdout;
    };
    expect(await reprise('views')).toContain('departure-board');
    // Followed until it is ready.
    await reprise('rebuild', 'departure-board');
    await reprise('flip', 'departure-board');
    // The name that the tool would give itself is not believed.
    const history = await reprise('history', 'departure-board');
    expect(history).toContain('ann');
    expect(history).not.toContain('somebody else');
  },
  3 * minute,
);
