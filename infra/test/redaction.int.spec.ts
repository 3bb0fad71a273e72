import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { catalogue } from '@reprise/contracts';
import { provisionStreams } from '@reprise/log';
import { testConnections } from '@reprise/testing';

jest.setTimeout(120_000);

const root = join(import.meta.dirname, '../..');
const { kafkaBrokers, registryUrl, postgresUrl, redisUrl, portBase } = testConnections();
/** Nobody listens there. */
const nowhere = '127.0.0.1:1';
/** In every secret, in a form that has to be escaped in addresses and in JSON. */
const mark = 'MARKED"p@ss/w0rd';
const inAddress = encodeURIComponent(mark);
/** What is left of it in any form. */
const traces = /MARKED|TUFSS0VE|UktFR|QVJLRUQ/;

const folder = mkdtempSync(join(tmpdir(), 'reprise-redaction-'));
const tokenFile = join(folder, 'token');
writeFileSync(tokenFile, `two words ${mark}`);
beforeAll(() => provisionStreams(catalogue, { brokers: kafkaBrokers, registryUrl }));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let child: ChildProcess | undefined;
afterEach(async () => {
  const running = child;
  child = undefined;
  if (running?.exitCode !== null || running.signalCode !== null) return;
  const exited = new Promise((resolve) => running.once('exit', resolve));
  running.kill('SIGKILL');
  await exited;
});

const port = portBase + 35;
const process_ = { REPRISE_PORT: String(port), REPRISE_LOG_LEVEL: 'debug' };
const log = { REPRISE_KAFKA_BROKERS: kafkaBrokers.join(','), REPRISE_REGISTRY_URL: registryUrl };
const sasl = {
  REPRISE_KAFKA_BROKERS: nowhere,
  REPRISE_KAFKA_SASL: 'scram-sha-256',
  REPRISE_KAFKA_USERNAME: 'ann',
  REPRISE_KAFKA_PASSWORD: mark,
  REPRISE_REGISTRY_URL: `https://${nowhere}`,
  REPRISE_REGISTRY_USERNAME: 'ann',
  REPRISE_REGISTRY_PASSWORD: mark,
};
const wrongPassword = (() => {
  const url = new URL(postgresUrl);
  url.password = inAddress;
  return url.href;
})();
const commands = { ...process_, REPRISE_CALLBACK_SECRET: mark, REPRISE_POSTGRES_URL: wrongPassword };

type Case = readonly [
  what: string,
  entry: string,
  environment: Record<string, string>,
  said: RegExp,
  args?: readonly string[],
];

const cases: readonly Case[] = [
  [
    'the wrong password of a write store',
    'flight-commands/dist/main.js',
    { ...commands, ...log },
    /cannot go on/,
  ],
  [
    'a write store that is away',
    'flight-commands/dist/main.js',
    { ...commands, ...log, REPRISE_POSTGRES_URL: `postgres://ann:${inAddress}@${nowhere}/x` },
    /waiting/,
  ],
  [
    'the wrong password of a relay',
    'flight-commands/dist/relay.main.js',
    { ...process_, ...log, REPRISE_POSTGRES_URL: wrongPassword },
    /cannot publish|cannot go on/,
  ],
  [
    'brokers and a registry that are away',
    'flight-commands/dist/main.js',
    { ...commands, ...sasl, REPRISE_POSTGRES_URL: postgresUrl },
    /waiting/,
  ],
  [
    'the wrong password of the control plane',
    'control-plane/dist/main.js',
    { ...process_, ...log, REPRISE_POSTGRES_URL: wrongPassword },
    /cannot go on/,
  ],
  [
    'the wrong password of a cache',
    'departure-board/dist/query.main.js',
    { ...process_, ...log, REPRISE_REDIS_URL: redisUrl.replace('redis://', `redis://ann:${inAddress}@`) },
    /"listening"|cannot go on/,
  ],
  [
    'a search engine that is away',
    'flight-search/dist/query.main.js',
    { ...process_, ...log, REPRISE_ELASTICSEARCH_URL: `https://ann:${inAddress}@${nowhere}` },
    /"listening"|cannot go on/,
  ],
  [
    'a builder whose brokers are away',
    'departure-board/dist/builder.main.js',
    { ...process_, ...sasl, REPRISE_REDIS_URL: `redis://ann:${inAddress}@${nowhere}` },
    /waiting|cannot go on/,
  ],
  [
    'settings that are refused',
    'flight-commands/dist/main.js',
    {
      ...process_,
      ...sasl,
      REPRISE_KAFKA_SASL: 'plain',
      REPRISE_CALLBACK_SECRET: 'MARKED',
      REPRISE_POSTGRES_URL: `http://ann:${inAddress}@x?sslmode=${inAddress}`,
      REPRISE_HOST: '0.0.0.0',
    },
    /settings are missing or wrong/,
  ],
  [
    'a tool that fails',
    'flight-commands/dist/store.main.js',
    { ...log, REPRISE_POSTGRES_URL: wrongPassword },
    /exited/,
    ['verify'],
  ],
  [
    'a token that nobody takes',
    'cli/dist/main.js',
    { REPRISE_TOKEN: 'MARKED.MARKED.MARKED', REPRISE_CONTROL_URL: `http://${nowhere}` },
    /cannot be reached/,
    ['views'],
  ],
  ['a token that is none', 'cli/dist/main.js', {}, /The token is none/, ['--token-file', tokenFile, 'views']],
  [
    'a token of a replay',
    'replayer/dist/main.js',
    { REPRISE_TOKEN: 'MARKED.MARKED.MARKED' },
    /exited|trying again/,
    [`--commands=http://${nowhere}`, `--state=${join(folder, 'state')}`, '--month=1'],
  ],
];

/** Runs a process until it has said this, or until it ended; all that it said, and what it answered. */
async function run([, entry, environment, said, args = []]: Case): Promise<string> {
  const PATH = process.env['PATH'] ?? '';
  const started = spawn(process.execPath, [join(root, 'services', entry), ...args], {
    env: { PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  let text = readFileSync(`/proc/${started.pid ?? 0}/cmdline`, 'utf8');
  await new Promise<void>((resolve) => {
    const take = (data: Buffer): void => {
      text += data.toString();
      if (said.test(text)) resolve();
    };
    started.stdout.on('data', take);
    started.stderr.on('data', take);
    started.once('close', (code) => {
      text += `exited ${code ?? ''}`;
      resolve();
    });
  });
  if (text.includes('"listening"'))
    for (const path of ['/health/ready', '/airports/JFK/departures', '/flights/x'])
      text += await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return text;
}

test.each(cases)('%s: no secret is told', async (...one) => {
  const text = await run(one);
  expect(text).toMatch(one[3]);
  expect(text).not.toMatch(traces);
});
