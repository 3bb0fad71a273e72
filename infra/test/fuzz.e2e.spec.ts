import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { provisionServices, servicePorts, type Supervisor } from '@reprise/infra';
import { testConnections } from '@reprise/testing';
import fc from 'fast-check';
import { operationsOf, type ApiOperation, type WireRequest } from './api-operations.js';

const root = join(import.meta.dirname, '../..');
const minute = 60_000;
const runs = 100;
/** The same values each time, so that a change is to blame for what fails; another number tries others. */
const seed = Number(process.env['REPRISE_TEST_FUZZ_SEED'] ?? 20_140_601);
const { portBase, stateDir } = testConnections();

/** What only our insides have a word for. */
const insides =
  /node_modules|\/dist\/|\/src\/|\.[jt]s:\d+|\n\s+at |SELECT |INSERT |UPDATE |DELETE FROM|relation "|syntax error at|postgres|redis|elastic|kafka|lucene|ECONN|ENOTFOUND|WRONGTYPE|_exception|FST_ERR|ZodError/i;

let services: Supervisor;

beforeAll(async () => {
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
}, minute);

describe.each(Object.entries(servicePorts))('%s', (service, offset) => {
  const url = `http://127.0.0.1:${portBase + offset}`;

  async function send({ method, path, headers, body }: WireRequest) {
    const response = await fetch(`${url}${path}`, {
      ...{ method, headers, redirect: 'manual', signal: AbortSignal.timeout(minute) },
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      type: response.headers.get('content-type') ?? '',
      text: await response.text(),
    };
  }

  async function expectWell(): Promise<void> {
    const ready = await fetch(`${url}/health/ready`);
    expect({ status: ready.status, said: await ready.json() }).toMatchObject({ status: 200 });
  }

  /** Only what is meant to be told, and in the form that is promised. */
  function expectTold(
    answer: Awaited<ReturnType<typeof send>>,
    { statuses }: Pick<ApiOperation, 'statuses'>,
  ): void {
    const { status, type, text } = answer;
    if (status < 400) {
      expect(statuses).toContain(String(status));
      return;
    }
    expect(status === 503 ? statuses.has('503') || statuses.has('default') : status < 500).toBe(true);
    expect(type).toContain('application/problem+json');
    const problem: unknown = JSON.parse(text);
    expect(problem).toMatchObject({
      ...{ status, type: expect.any(String), title: expect.any(String) },
      ...{ code: expect.stringMatching(/^[a-z0-9-]+$/), detail: expect.any(String) },
    });
    expect(text).not.toMatch(insides);
  }

  test(
    'whatever its operations are sent, the answer is one that its description has',
    async () => {
      const operations = operationsOf(await (await fetch(`${url}/docs-json`)).json());
      expect(operations.length).toBeGreaterThan(0);
      for (const operation of operations) {
        for (const request of operation.sweep) expectTold(await send(request), operation);
        await fc.assert(
          fc.asyncProperty(operation.requests, async (request) => {
            expectTold(await send(request), operation);
          }),
          { numRuns: runs, seed },
        );
      }
      await expectWell();
    },
    15 * minute,
  );

  test(
    'whatever comes in place of HTTP, nothing of the insides goes out',
    async () => {
      const head = 'POST /x HTTP/1.1\r\nHost: localhost\r\n';
      const garbage = fc.oneof(
        fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
        fc.string({ unit: 'binary' }).map((text) => Buffer.from(`${head}${text}\r\n\r\n`)),
        fc
          .tuple(fc.string(), fc.integer({ min: -5, max: 50 }))
          .map(([text, length]) => Buffer.from(`${head}Content-Length: ${length}\r\n\r\n${text}`)),
        fc.string().map((text) => Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n${text}`)),
        fc.string().map((path) => Buffer.from(`GET /${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)),
      );
      await fc.assert(
        fc.asyncProperty(garbage, async (bytes) => {
          const text = await answerTo(portBase + offset, bytes);
          expect(text === '' || /^HTTP\/1\.1 [1234]\d\d /.test(text)).toBe(true);
          expect(text).not.toMatch(insides);
        }),
        { numRuns: runs, seed },
      );
      await expectWell();
    },
    5 * minute,
  );

  test('and its processes are those that were started', () => {
    const name = service.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(services.restartsOf(name)).toBe(0);
  });
});

/** All that comes back until the other side has no more to say: we have not. */
function answerTo(port: number, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      resolve(text);
    });
    socket.end(bytes);
  });
}
