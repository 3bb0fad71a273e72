import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import { certificates } from '@reprise/testing';
import { framedSocket } from './framed-socket.js';

const host = '127.0.0.1';
const open: (() => void)[] = [];

afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** Says this to whoever connects, in these pieces, and hangs up. */
async function saying(pieces: readonly Buffer[], secret?: { cert: string; key: string }): Promise<number> {
  const greet = (socket: net.Socket): void => {
    for (const piece of pieces) socket.write(piece);
    socket.end();
  };
  const server = secret ? tls.createServer(secret, greet) : net.createServer(greet);
  server.listen(0, host);
  await once(server, 'listening');
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** All that is handed over until the server hangs up. */
async function heard(port: number, ca?: string): Promise<Buffer[]> {
  const got: Buffer[] = [];
  const socket = framedSocket({
    host,
    port,
    ssl: ca === undefined ? false : { ca },
    onConnect: () => undefined,
  });
  open.push(() => socket.destroy());
  socket.on('data', (frame: Buffer) => {
    got.push(frame);
  });
  await once(socket, 'end');
  return got;
}

async function issued(): Promise<{ ca: string; cert: string; key: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-framed-'));
  open.push(() => {
    rmSync(folder, { recursive: true });
  });
  const { ca, cert, key } = await certificates(folder);
  return { ca: readFileSync(ca, 'utf8'), cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

function framed(size: number, byte: number): Buffer {
  const frame = Buffer.alloc(4 + size, byte);
  frame.writeInt32BE(size);
  return frame;
}

describe.each(['plain', 'TLS'])('%s', (kind) => {
  test('hands over whole answers, then the end', async () => {
    const secret = kind === 'TLS' ? await issued() : undefined;
    const answers = [framed(3, 1), framed(3_000_000, 2), framed(0, 3), framed(50_000, 4)];
    const port = await saying([Buffer.concat(answers.slice(0, 2)), ...answers.slice(2)], secret);
    const got = await heard(port, secret?.ca);
    expect(got.map(({ length }) => length)).toEqual(answers.map(({ length }) => length));
    expect(Buffer.concat(got).equals(Buffer.concat(answers))).toBe(true);
  });
});

test('an answer that is cut off is not handed over', async () => {
  const port = await saying([framed(10, 1), framed(100, 2).subarray(0, 50)]);
  expect(await heard(port)).toEqual([framed(10, 1)]);
});

test('whoever is no broker is an error', async () => {
  const port = await saying([Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]);
  await expect(heard(port)).rejects.toThrow(/this is no broker/);
});
