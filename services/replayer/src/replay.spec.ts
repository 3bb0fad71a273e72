import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Display } from './progress/display.js';
import { Replay } from './replay.js';

const februaryCommands = 73_592;
const referenceCount = 4_796;

/** What answers the replay: takes every command, and remembers its id. */
let server: Server;
let url = '';
let folder = '';
let taken: string[] = [];
let requests = 0;
let onRequest: (place: number, response: ServerResponse) => void = () => undefined;
const said: string[] = [];
const display: Display = { show: () => undefined, stop: () => undefined, say: (line) => said.push(line) };

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/outbox') return void response.end('{"depth":0}');
  if (request.url === '/views')
    return void response.end('{"views":[{"name":"departure-board","live":{"lagRecords":"0"}}]}');
  const pieces: Buffer[] = [];
  for await (const piece of request) if (Buffer.isBuffer(piece)) pieces.push(piece);
  const ids = Buffer.concat(pieces).toString('utf8').trim().split('\n').map(idOf);
  taken.push(...ids);
  requests += 1;
  onRequest(requests, response);
  if (response.destroyed || response.writableEnded) return;
  response.end(ids.map((id) => `${JSON.stringify({ outcome: 'accepted', id })}\n`).join(''));
}

function idOf(line: string): string {
  return /^\{"id":"([^"]+)"/.exec(line)?.[1] ?? '';
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'));
  taken = [];
  said.length = 0;
  requests = 0;
  onRequest = () => undefined;
  server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address === 'object' && address) url = `http://127.0.0.1:${address.port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

function run(stop: AbortSignal = new AbortController().signal): Promise<void> {
  const stateFile = join(folder, 'state.json');
  const options = {
    commandsUrl: url,
    controlUrl: url,
    stateFile,
    tokenFile: undefined,
    months: [2],
    speed: undefined,
  };
  return Replay.run(options, { display, stop });
}

describe('a replay of February', () => {
  test('that is stopped twice and run again gives every command once, and a further run none', async () => {
    for (const stopAt of [2, 9]) {
      const stop = new AbortController();
      onRequest = (place) => {
        if (place === stopAt) stop.abort();
      };
      await run(stop.signal);
      expect(requests).toBe(stopAt);
    }
    await run();
    expect(taken).toHaveLength(referenceCount + februaryCommands);
    expect(new Set(taken).size).toBe(taken.length);
    await run();
    expect(taken).toHaveLength(referenceCount + februaryCommands);
  }, 120_000);

  test('whose answer is cut off sends the same commands with the same ids again', async () => {
    const stop = new AbortController();
    onRequest = (place, response) => {
      if (place === 1) response.destroy();
      else stop.abort();
    };
    await run(stop.signal);
    expect(requests).toBe(2);
    expect(taken.slice(2_000)).toEqual(taken.slice(0, 2_000));
    expect(said.join('\n')).toMatch(/trying again: .* cannot be reached/);
  }, 60_000);

  test('that is refused as a whole ends with the reason, and has nothing written down', async () => {
    onRequest = (_place, response) => response.writeHead(415).end('not this way');
    await expect(run()).rejects.toThrow('/commands answers 415: not this way');
    const stop = new AbortController();
    onRequest = () => {
      stop.abort();
    };
    await run(stop.signal);
    expect(taken.slice(2_000)).toEqual(taken.slice(0, 2_000));
  }, 60_000);
});
