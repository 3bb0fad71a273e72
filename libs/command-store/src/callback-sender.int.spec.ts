import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import { openWriteSide, type WriteSide } from '../test/write-side.js';
import { CallbackSender, type CallbackSenderOptions } from './callback-sender.js';
import { callbackHeader, signatureOf } from './callback-signature.js';
import { OutboxRelay } from './relay.js';
import { takeDueCallbacks } from './sql/callbacks.js';
import { Sweeper } from './sweeper.js';

const secret = 'shared with the receiver';

interface Call {
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let side: WriteSide;
let receiver: Server;
let address: string;
let calls: Call[];
/** Answers of the receiver, the last one again and again. */
let answers: { readonly status: number; readonly location?: string }[];
const running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  side = await openWriteSide();
  receiver = createServer((request, response) => {
    void text(request).then((body) => {
      calls.push({ path: request.url, headers: request.headers, body });
      const { status, location } = (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 200 };
      response.writeHead(status, location === undefined ? {} : { location }).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
});
beforeEach(() => {
  calls = [];
  answers = [{ status: 200 }];
});
afterEach(async () => {
  for (const thing of running.splice(0)) await thing.stop();
});
afterAll(async () => {
  receiver.close();
  await side.stop();
});

async function started<Thing extends { start(): Promise<void>; stop(): Promise<void> }>(
  thing: Thing,
): Promise<Thing> {
  running.push(thing);
  await thing.start();
  return thing;
}

const startRelay = () =>
  started(new OutboxRelay({ connectionString: side.connectionString, log: side.log, pollMs: 50 }));

const startSender = (options: Partial<CallbackSenderOptions> = {}) =>
  started(
    new CallbackSender({
      ...{ connectionString: side.connectionString, secret, pollMs: 20, firstBackoffMs: 1, maxAttempts: 4 },
      isAllowed: () => true,
      read: (id) => side.store.operation(id),
      reportOf: ({ id, state }) => ({ id, state }),
      ...options,
    }),
  );

/** A command whose operation is told to this path. */
async function submit(path = '/hook'): Promise<string> {
  const request = { ...side.requests.add(uniqueName('k'), 1), callbackUrl: `${address}${path}` };
  return (await side.store.submit(request)).operationId ?? '';
}

const stateOf = async (id: string) => (await side.store.operation(id))?.callback;
const until = async (id: string, state: string) =>
  side.until(async () => (await stateOf(id))?.state === state);

describe('a callback', () => {
  test('comes when the operation is published, signed, with its id', async () => {
    const id = await submit('/hook?a=b');
    await startSender();
    expect(await stateOf(id)).toEqual({ state: 'waiting', attempts: 0, lastFailure: undefined });
    expect(calls).toEqual([]);
    await startRelay();
    await until(id, 'delivered');
    expect(calls).toHaveLength(1);
    const [{ path, headers, body } = { path: '', headers: {}, body: '' }] = calls;
    expect({ path, body }).toEqual({ path: '/hook?a=b', body: JSON.stringify({ id, state: 'published' }) });
    expect(headers[callbackHeader.id]).toBe(id);
    const timestamp = String(headers[callbackHeader.timestamp]);
    expect(headers[callbackHeader.signature]).toBe(signatureOf(secret, timestamp, body));
    expect(headers[callbackHeader.signature]).not.toBe(signatureOf('another secret', timestamp, body));
  });

  test('that fails is tried again', async () => {
    answers = [{ status: 500 }, { status: 429 }, { status: 204 }];
    await startRelay();
    await startSender();
    const id = await submit();
    await until(id, 'delivered');
    expect(await stateOf(id)).toEqual({ state: 'delivered', attempts: 3, lastFailure: undefined });
    expect(new Set(calls.map(({ headers }) => headers[callbackHeader.id]))).toEqual(new Set([id]));
  });

  test('that fails again and again is given up, with the reason', async () => {
    answers = [{ status: 503 }];
    await startRelay();
    await startSender();
    const id = await submit();
    await until(id, 'failed');
    expect(await stateOf(id)).toEqual({ state: 'failed', attempts: 4, lastFailure: 'answered 503' });
    expect(calls).toHaveLength(4);
  });

  test('follows no redirect', async () => {
    answers = [{ status: 307, location: `${address}/elsewhere` }];
    await startRelay();
    await startSender({ maxAttempts: 1 });
    const id = await submit();
    await until(id, 'failed');
    expect(calls.map(({ path }) => path)).toEqual(['/hook']);
  });

  test('to an address that is not allowed any more is not made', async () => {
    await startRelay();
    await startSender({ isAllowed: () => false });
    const id = await submit();
    await until(id, 'failed');
    expect(calls).toEqual([]);
  });

  test('that a sender took and died with is made by another one when its time is over', async () => {
    const id = await submit();
    await startRelay();
    await side.until(async () => (await side.store.operation(id))?.state === 'published');
    expect(await takeDueCallbacks(side.pool, { limit: 10, leaseMs: 3_600_000 })).toMatchObject([
      { operationId: id },
    ]);
    expect(await takeDueCallbacks(side.pool, { limit: 10, leaseMs: 3_600_000 })).toEqual([]);
    await side.pool.query('UPDATE callback SET next_attempt_at = now() WHERE operation_id = $1', [id]);
    await startSender();
    await until(id, 'delivered');
  });

  test('is made once when several send', async () => {
    await startRelay();
    await Promise.all([startSender(), startSender(), startSender()]);
    const ids = await Promise.all(Array.from({ length: 30 }, () => submit()));
    for (const id of ids) await until(id, 'delivered');
    expect(calls.map(({ headers }) => headers[callbackHeader.id]).sort()).toEqual([...ids].sort());
  });

  test('is written with its command or not at all, and kept with its operation until it is made', async () => {
    const before = await side.pool.query('SELECT FROM callback');
    // Half a count does not fit the stream's schema.
    const broken = { ...side.requests.add(uniqueName('k'), 0.5), callbackUrl: address };
    await expect(side.store.submit(broken)).rejects.toThrow();
    expect((await side.pool.query('SELECT FROM callback')).rowCount).toBe(before.rowCount);
    const id = await submit();
    await startRelay();
    await side.until(async () => (await side.store.operation(id))?.state === 'published');
    await side.pool.query("UPDATE operation SET asked_at = now() - interval '2 hours'");
    const sweeper = new Sweeper({
      connectionString: side.connectionString,
      operationsMs: 3_600_000,
      commandsMs: 1e12,
    });
    await sweeper.sweep();
    expect(await stateOf(id)).toMatchObject({ state: 'waiting' });
    await startSender();
    await until(id, 'delivered');
    await sweeper.sweep();
    await sweeper.stop();
    expect(await side.store.operation(id)).toBeUndefined();
  });
});
