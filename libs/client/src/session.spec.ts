import { describe, expect, test } from '@jest/globals';
import { Session, SessionTimeout } from './session.js';

type Reply = (request: Request) => Response | Error | Promise<Response>;

/** A service that gives these answers one after another, and time that passes with the pauses. */
class Stage {
  readonly asked: Request[] = [];
  nowMs = 0;
  private keys = 0;

  readonly session = new Session({
    fetch: async (input) => {
      const request = new Request(input);
      this.asked.push(request);
      const reply = this.replies.shift();
      if (!reply) throw new Error('nobody asks that often');
      const answer = await reply(request);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    timeoutMs: 10_000,
    pause: (durationMs) => {
      this.nowMs += durationMs;
      return Promise.resolve();
    },
    nowMs: () => this.nowMs,
    newKey: () => `key-${(this.keys += 1)}`,
  });

  constructor(private readonly replies: Reply[]) {}

  header(place: number, name: string): string | null | undefined {
    return this.asked[place]?.headers.get(name);
  }
}

const at =
  (position: string, status = 200): Reply =>
  () =>
    new Response('{}', { status, headers: { 'reprise-position': position } });
const later =
  (retryAfter?: string): Reply =>
  () =>
    new Response('{}', {
      status: 503,
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    });
const broken: Reply = () => new TypeError('fetch failed');

const url = 'http://127.0.0.1:1/flights';

describe('queries', () => {
  test('ask for what was written and read before, the furthest of each partition', async () => {
    const stage = new Stage([at('t/0:5', 201), at('t/0:4,t/1:2'), at('t/0:9')]);
    await stage.session.fetch(url, { method: 'POST', body: '{}' });
    await stage.session.fetch(url);
    await stage.session.fetch(new URL(url));
    expect(stage.header(0, 'reprise-min-position')).toBeNull();
    const fresh = new Stage([at('t/0:1')]);
    await fresh.session.fetch(url);
    expect(fresh.header(0, 'reprise-min-position')).toBe('');
    expect(stage.header(1, 'reprise-min-position')).toBe('t/0:5');
    expect(stage.header(2, 'reprise-min-position')).toBe('t/0:5,t/1:2');
    expect(stage.session.position).toBe('t/0:9,t/1:2');
  });

  test('go on from what another session saw', async () => {
    const stage = new Stage([at('t/0:1')]);
    stage.session.observe('t/0:7');
    await stage.session.fetch(url);
    expect(stage.header(0, 'reprise-min-position')).toBe('t/0:7');
    expect(() => {
      stage.session.observe('nonsense');
    }).toThrow(RangeError);
  });

  test('are asked again while the view is not there yet, after as long as it says', async () => {
    const stage = new Stage([later('1'), later('2'), at('t/0:1')]);
    expect((await stage.session.fetch(url)).status).toBe(200);
    expect(stage.nowMs).toBe(3_000);
  });
});

describe('commands', () => {
  test('are sent again under the same key and with the same body when the answer is lost', async () => {
    const stage = new Stage([broken, later(), at('t/0:5', 201)]);
    const answer = await stage.session.fetch(url, { method: 'POST', body: '{"number":7}' });
    expect(answer.status).toBe(201);
    expect(stage.asked.map(({ headers }) => headers.get('idempotency-key'))).toEqual([
      'key-1',
      'key-1',
      'key-1',
    ]);
    expect(await Promise.all(stage.asked.map((request) => request.text()))).toEqual(
      Array(3).fill('{"number":7}'),
    );
  });

  test('keep a key of their own', async () => {
    const stage = new Stage([at('t/0:5')]);
    await stage.session.fetch(url, { method: 'PUT', headers: { 'idempotency-key': 'mine' } });
    expect(stage.header(0, 'idempotency-key')).toBe('mine');
  });

  test('that are refused are not sent again', async () => {
    const stage = new Stage([() => new Response('{}', { status: 409 })]);
    expect((await stage.session.fetch(url, { method: 'DELETE' })).status).toBe(409);
    expect(stage.asked).toHaveLength(1);
  });

  test('that were only taken are followed until they are published', async () => {
    const operation =
      (state: string, headers: Record<string, string> = {}): Reply =>
      () =>
        new Response(JSON.stringify({ state }), { headers });
    const stage = new Stage([
      () => new Response('{}', { status: 202, headers: { location: '/operations/1' } }),
      operation('pending'),
      broken,
      operation('published', { 'reprise-position': 't/0:8' }),
    ]);
    const headers = { authorization: 'Bearer x' };
    const answer = await stage.session.fetch(url, { method: 'POST', body: '{}', headers });
    expect(await answer.json()).toEqual({ state: 'published' });
    expect(stage.asked[1]?.url).toBe('http://127.0.0.1:1/operations/1');
    expect(stage.header(1, 'authorization')).toBe('Bearer x');
    expect(stage.session.position).toBe('t/0:8');
  });
});

test('time is up, and says what the last answer was', async () => {
  const stage = new Stage(Array.from({ length: 50 }, () => later('3')));
  await expect(stage.session.fetch(url)).rejects.toThrow(SessionTimeout);
  expect(stage.nowMs).toBeLessThanOrEqual(10_000);
});

test('who gives up is not kept waiting', async () => {
  const abort = new AbortController();
  const stage = new Stage([
    () => {
      abort.abort();
      return new Error('aborted');
    },
  ]);
  await expect(stage.session.fetch(url, { signal: abort.signal })).rejects.toThrow('aborted');
});

test('an access token goes along with every try, and is asked for anew each time', async () => {
  const seen: (string | null)[] = [];
  let tokens = 0;
  const session = new Session({
    fetch: (input) => {
      seen.push(new Request(input).headers.get('authorization'));
      return Promise.resolve(new Response('{}', { status: seen.length === 1 ? 503 : 200 }));
    },
    pause: () => Promise.resolve(),
    token: () => Promise.resolve(`t${(tokens += 1)}`),
  });
  expect((await session.fetch(url, { headers: { authorization: 'Bearer an old one' } })).status).toBe(200);
  expect(seen).toEqual(['Bearer t1', 'Bearer t2']);
});

describe('commands by the line', () => {
  const lines = { method: 'POST', body: '{}\n{}\n', headers: { 'content-type': 'application/x-ndjson' } };
  const outcomes =
    (last: string, cut = 7): Reply =>
    () => {
      const text = new TextEncoder().encode(`{"line":1,"outcome":"accepted"}\n${last}`);
      const pieces = Array.from({ length: Math.ceil(text.length / cut) }, (_, place) =>
        text.slice(place * cut, (place + 1) * cut),
      );
      return new Response(ReadableStream.from(pieces));
    };

  test.each([1, 7, 32, 33, 1_000])(
    'are seen by queries once their answer was read, in pieces of %d',
    async (cut) => {
      const stage = new Stage([outcomes('{"outcome":"published","position":"t/0:5"}\n', cut), at('t/0:5')]);
      const answer = await stage.session.fetch(url, lines);
      expect((await answer.text()).split('\n')).toHaveLength(3);
      await stage.session.fetch(url);
      expect(stage.header(0, 'prefer')).toBe('wait=10');
      expect(stage.header(0, 'idempotency-key')).toBe('key-1');
      expect(stage.header(1, 'reprise-min-position')).toBe('t/0:5');
    },
  );

  test('whose place is not known fail their reader behind all outcomes, unless he said what he prefers', async () => {
    const pending = outcomes('{"outcome":"pending"}\n');
    const stage = new Stage([pending, pending]);
    await expect((await stage.session.fetch(url, lines)).text()).rejects.toThrow(SessionTimeout);
    const headers = { ...lines.headers, prefer: 'wait=0' };
    const answer = await stage.session.fetch(url, { ...lines, headers });
    expect(await answer.text()).toContain('pending');
    expect(stage.header(1, 'prefer')).toBe('wait=0');
  });

  test.each(['{"line":2,"outcome":"accepted"}', '', '{"outcome":"published"}', 'null', '{"outc'])(
    'that end with %j are as they are',
    async (last) => {
      const stage = new Stage([outcomes(last)]);
      expect(await (await stage.session.fetch(url, lines)).text()).toContain(last);
      expect(stage.session.position).toBe('');
    },
  );
});
