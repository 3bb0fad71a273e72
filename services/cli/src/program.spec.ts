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

test('a flip can be forced', async () => {
  const flip = await reprise(['flip', 'flight-search', '2', '--force'], {
    [`POST ${one}/flip`]: told('live'),
  });
  expect(flip.asked).toEqual([`POST ${one}/flip {"force":true}`]);
});
