import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { things } from '../../test/things.js';
import type { ProcessSettings } from '../settings.js';

let app: NestFastifyApplication | undefined;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app?.close();
  app = undefined;
});

async function open(settings: Partial<ProcessSettings> = {}): Promise<number> {
  app = await things(settings);
  await app.listen(0, '127.0.0.1');
  return Number(new URL(await app.getUrl()).port);
}

/** All that is answered to these bytes until the other side closes the connection. */
async function answerTo(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.write(bytes);
  let text = '';
  socket.on('data', (data) => (text += data.toString()));
  await new Promise<void>((resolve) =>
    socket
      .once('close', () => {
        resolve();
      })
      .on('error', () => undefined),
  );
  return text;
}

const head = (lines: readonly string[]): string => [...lines, '', ''].join('\r\n');
const host = 'Host: localhost';
const close = 'Connection: close';

test('HTTP/1.0 knows no Host: gateways and scripts ask by it how a process is', async () => {
  expect(await answerTo(await open(), head(['GET /health/ready HTTP/1.0']))).toMatch(/^HTTP\/1\.1 200 /);
});

describe('a request is refused', () => {
  test.each([
    ['of which nobody can make sense', 'HELLO\r\n\r\n', 400],
    ['without a host', head(['GET /things HTTP/1.1', close]), 400],
    [
      'with headers of two lengths',
      head(['POST /things HTTP/1.1', host, 'Content-Length: 5', 'Content-Length: 6']),
      400,
    ],
    [
      'whose length could be read in two ways',
      head(['POST /things HTTP/1.1', host, 'Content-Length: 5', 'Transfer-Encoding: chunked']),
      400,
    ],
    ['by a method that nothing answers', head(['TRACE /things HTTP/1.1', host, close]), 405],
    ['with too much in its headers', head(['GET /things HTTP/1.1', host, `X: ${'x'.repeat(20_000)}`]), 431],
    [
      'with too many headers',
      head([
        'GET /things HTTP/1.1',
        host,
        close,
        ...Array.from({ length: 120 }, (_, place) => `X${place}: 1`),
      ]),
      431,
    ],
    ['with too long an address', head([`GET /things?${'x'.repeat(9_000)} HTTP/1.1`, host, close]), 414],
    ['whose address cannot be decoded', head(['GET /things/%zz HTTP/1.1', host, close]), 400],
    [
      'with too long a part of its address',
      head([`GET /things/shown/${'x'.repeat(500)} HTTP/1.1`, host, close]),
      414,
    ],
    [
      'with too large a body',
      head(['POST /things HTTP/1.1', host, 'Content-Type: application/json', 'Content-Length: 99999999']),
      413,
    ],
    ['with a body of no kind', `${head(['POST /things HTTP/1.1', host, close, 'Content-Length: 2'])}{}`, 415],
  ])('%s', async (_what, bytes, status) => {
    const text = await answerTo(await open(), bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text.toLowerCase()).toContain('content-type: application/problem+json');
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ status, code: expect.any(String) });
  });

  test('whose headers do not come to their end', async () => {
    const port = await open({ REPRISE_HEADERS_TIMEOUT_MS: 200 });
    expect(await answerTo(port, `GET /things HTTP/1.1\r\n${host}\r\nX: `)).toMatch(/^HTTP\/1\.1 408 .*\r\n/);
  });

  test('whose body does not come to its end', async () => {
    const port = await open({ REPRISE_BODY_TIMEOUT_MS: 200 });
    const lines = ['POST /things HTTP/1.1', host, 'Content-Type: application/json', 'Content-Length: 50'];
    const text = await answerTo(port, `${head(lines)}{"a":`);
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(text).toContain('"code":"request-timeout"');
  });
});

test('beyond the limit connections are closed, and those before go on', async () => {
  const port = await open({ REPRISE_MAX_CONNECTIONS: 2 });
  const idle = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  sockets.push(...idle);
  await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  expect(await answerTo(port, head(['GET /things HTTP/1.1', host, close]))).toBe('');
  const [first] = idle;
  const answered = new Promise<string>((resolve) =>
    first!.once('data', (data) => {
      resolve(data.toString());
    }),
  );
  first!.write(head(['GET /things HTTP/1.1', host]));
  expect(await answered).toMatch(/^HTTP\/1\.1 200 /);
});
