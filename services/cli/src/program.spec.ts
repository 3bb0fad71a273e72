import { createServer, type Server } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { checked, told } from '../test/told.js';
import { program } from './program.js';

let server: Server | undefined;

afterEach(async () => {
  const started = server;
  server = undefined;
  if (started) await new Promise((resolve) => started.close(resolve));
});

/** Runs `reprise` against a control plane that gives these answers, and tells what was asked and what was said. */
async function reprise(args: readonly string[], answers: Readonly<Record<string, object>>) {
  const asked: string[] = [];
  const started = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const route = `${request.method ?? ''} ${request.url ?? ''}`;
      asked.push(`${route} ${body}`.trim());
      const answer = answers[route];
      response.writeHead(answer ? 200 : 404, { connection: 'close' }).end(JSON.stringify(answer ?? {}));
    });
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const output = new PassThrough();
  const said: string[] = [];
  output.on('data', (chunk) => said.push(String(chunk)));
  const config = { controlUrl: `http://127.0.0.1:${address.port}`, actor: 'ann' };
  const run = program(config, output).parseAsync(['node', 'reprise', ...args]);
  const failure = await run.then(
    () => undefined,
    (reason: unknown) => (reason instanceof Error ? reason.message : String(reason)),
  );
  return { asked, said: said.join(''), failure };
}

const one = '/views/flight-search/generations/2';
const sample = { kind: 'row', entity: 'k', key: 'k', expected: '1', actual: '2' };

test('a check is followed to its end, and fails when something still differs', async () => {
  const found = told('live', { verification: checked({ differences: 1, samples: [sample] }) });
  const { asked, said, failure } = await reprise(['verify', 'flight-search', '--generation', '2'], {
    [`POST ${one}/verifications`]: told('live', { verification: checked({ concludedAt: null }) }),
    [`GET ${one}`]: found,
  });
  expect(asked[0]).toBe(`POST ${one}/verifications {"repair":false}`);
  expect(said).toMatch(/row +k +1 +2/);
  expect(failure).toBe('1 differences remain.');
});

test('a comparison of two generations that agree ends well, for machines too', async () => {
  const agreed = told('ready', { verification: checked({ against: 1 }) });
  const { asked, said, failure } = await reprise(['--json', 'diff', 'flight-search', '2', '1'], {
    [`POST ${one}/verifications`]: agreed,
    [`GET ${one}`]: agreed,
  });
  expect(asked[0]).toBe(`POST ${one}/verifications {"against":1}`);
  expect(JSON.parse(said)).toMatchObject({ number: 2, verification: { against: 1, differences: 0 } });
  expect(failure).toBeUndefined();
});

test.each([
  ['pause', `POST ${one}/pause`],
  ['resume', `POST ${one}/resume`],
  ['cancel', `POST ${one}/cancel`],
  ['retire', `POST ${one}/retire`],
])('%s is asked of one generation, which is told after it', async (order, route) => {
  const { asked, said } = await reprise([order, 'flight-search', '2'], {
    [route]: told('building', { paused: true }, 10),
  });
  expect(asked).toEqual([route]);
  expect(said).toContain('flight_search_g2 building, paused: 10%');
});

test.each([
  ['500', 500],
  ['none', null],
])('a throttle of %s is asked for', async (text, maxRecordsPerSecond) => {
  const route = `PUT ${one}/throttle`;
  const { asked } = await reprise(['throttle', 'flight-search', '2', text], {
    [route]: told('building', { maxRecordsPerSecond }),
  });
  expect(asked).toEqual([`${route} ${JSON.stringify({ maxRecordsPerSecond })}`]);
});

test('an older definition is rebuilt when it is named', async () => {
  const rebuild = 'POST /views/flight-search/rebuilds';
  const args = ['rebuild', 'flight-search', '--definition', '1', '--no-follow'];
  const { asked } = await reprise(args, { [rebuild]: told('building') });
  expect(asked).toEqual([`${rebuild} {"autoFlip":false,"definitionVersion":1}`]);
});

test('a flip can be forced, with a reason', async () => {
  const flip = await reprise(['flip', 'flight-search', '2', '--force', '--reason', 'wanted so'], {
    [`POST ${one}/flip`]: told('live'),
  });
  expect(flip.asked).toEqual([`POST ${one}/flip {"force":true,"reason":"wanted so"}`]);
});

test('a rebuild that goes live by itself says what it waits for, and what was not known when it went', async () => {
  const note = '3 of 20 live reads compared in 10 s: too few came';
  const flips = {
    flips: [{ kind: 'flip', from: 1, to: 2, at: 0, by: 'control-plane', forced: false, note }],
  };
  const { said } = await reprise(['rebuild', 'flight-search', '--auto-flip'], {
    'POST /views/flight-search/rebuilds': told('building'),
    [`GET ${one}`]: told('live'),
    'GET /views/flight-search/flips': flips,
  });
  expect(said).toContain(`flight_search_g2 is live (${note})`);
});

test('a rollback names the generation that it leaves', async () => {
  const live = { number: 2, name: 'flight_search_g2', lagRecords: 0, recordsPerSecond: 0 };
  const about = {
    name: 'flight-search',
    definitionVersion: 1,
    live,
    previous: 1,
    problems: [],
    builders: [],
  };
  const rollback = 'POST /views/flight-search/rollback';
  const { asked } = await reprise(['rollback', 'flight-search'], {
    'GET /views/flight-search': { ...about, generations: [] },
    [rollback]: told('live', { name: 'flight_search_g1' }),
  });
  expect(asked).toEqual(['GET /views/flight-search', `${rollback} {"from":2}`]);
  const { asked: named } = await reprise(['rollback', 'flight-search', '--from', '3'], {
    [rollback]: told('live'),
  });
  expect(named).toEqual([`${rollback} {"from":3}`]);
});
