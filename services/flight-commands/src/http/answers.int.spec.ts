import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parsePositions } from '@reprise/kernel';
import { uniqueName } from '@reprise/testing';
import { Served } from '../../test/served.js';

/** Waits for the log for as long as it takes. */
let patient: Served;
/** Waits for a moment only. */
let hasty: Served;

beforeAll(async () => {
  patient = await Served.open();
  hasty = await Served.open({ publishWaitMs: 50 });
  await patient.side.startRelay();
});

afterAll(async () => {
  await patient.close();
  await hasty.close();
});

let tail: string;
let path: `/aircraft/${string}`;

beforeEach(() => {
  tail = `N${uniqueName('t').replaceAll(/\D/g, '').slice(-8)}`;
  path = `/aircraft/${tail}`;
});

const location = (answer: { headers: Headers }): `/operations/${string}` => {
  const written = answer.headers.get('location') ?? '';
  return `/operations/${written.replace('/operations/', '')}`;
};

describe('the answer to a command', () => {
  test('comes when its events are in the log, and says where', async () => {
    const created = await patient.send(`PUT ${path}`, { seats: 100 });
    expect(created.status).toBe(201);
    const position = parsePositions(created.headers.get('reprise-position') ?? '');
    expect([...position].map(([partition]) => partition.split('/')[0])).toEqual(['flights.aircraft']);
    const changed = await patient.send(`PUT ${path}`, { seats: 101 });
    const later = parsePositions(changed.headers.get('reprise-position') ?? '');
    for (const [partition, offset] of position) expect(later.get(partition)).toBeGreaterThan(offset);
  });

  test('says of a flight where it is in both of its streams', async () => {
    const plan = {
      ...{ carrier: 'UA', number: 77, origin: 'JFK', destination: 'LAX' },
      scheduledDeparture: '2013-01-01T08:00:00-05:00',
    };
    const { headers } = await patient.send('POST /flights', plan);
    const topics = [...parsePositions(headers.get('reprise-position') ?? '')].map(([id]) => id.split('/')[0]);
    expect(topics.sort()).toEqual(['flights.flight', 'flights.flight-history']);
  });

  test('that changed nothing has the position of the newest record', async () => {
    const first = await patient.send(`PUT ${path}`, { seats: 100 });
    const again = await patient.send(`PUT ${path}`, { seats: 100 });
    expect(again).toMatchObject({ status: 200, body: { events: [] } });
    expect(again.headers.get('reprise-position')).toBe(first.headers.get('reprise-position'));
  });
});

describe('without a log', () => {
  test('a command is accepted, and its operation goes from pending to published', async () => {
    const headers = { 'x-correlation-id': 'trip-7' };
    const answer = await hasty.send(`PUT ${path}`, { seats: 100 }, headers);
    expect(answer).toMatchObject({ status: 202, body: { tailnum: tail, version: 1, repeated: false } });
    expect(answer.headers.get('reprise-position')).toBeNull();
    const operation = location(answer);
    expect(answer.body).toMatchObject({ operation });
    const pending = await hasty.send(`GET ${operation}`);
    expect(pending).toMatchObject({
      status: 200,
      body: {
        ...{ id: operation.replace('/operations/', ''), state: 'pending' },
        ...{ actor: 'anonymous', correlationId: 'trip-7', askedAt: expect.any(String) },
        result: { stream: 'aircraft', key: tail, version: 1, events: ['AircraftRegistered'] },
      },
    });
    expect(pending.headers.get('retry-after')).toBe('1');
    await hasty.side.startRelay();
    let published = await hasty.send(`GET ${operation}`);
    while (JSON.stringify(published.body).includes('pending'))
      published = await hasty.send(`GET ${operation}`);
    const position = published.headers.get('reprise-position') ?? '';
    expect(published.body).toMatchObject({ state: 'published', result: { position } });
    expect(parsePositions(position).size).toBe(1);
    await hasty.side.stopRelay();
  });

  test('commands go on, and are all published afterwards, in order', async () => {
    for (let seats = 1; seats <= 20; seats += 1) {
      expect((await hasty.send(`PUT ${path}`, { seats })).status).toBe(202);
    }
    const { body } = await hasty.send('GET /outbox');
    expect(body).toEqual({ depth: 20, oldestAgeMs: expect.any(Number) });
    const waiting = await hasty.side.outbox();
    expect(waiting.map(({ key }) => key)).toEqual(Array.from({ length: 20 }, () => tail));
    await hasty.side.startRelay();
    let left = await hasty.send('GET /outbox');
    while (JSON.stringify(left.body) !== '{"depth":0,"oldestAgeMs":null}')
      left = await hasty.send('GET /outbox');
    await hasty.side.stopRelay();
  });

  test('a command that is repeated is accepted as the same operation', async () => {
    const headers = { 'idempotency-key': uniqueName('once') };
    const first = await hasty.send(`PUT ${path}`, { seats: 100 }, headers);
    const again = await hasty.send(`PUT ${path}`, { seats: 100 }, headers);
    expect(again).toMatchObject({ status: 202, body: { repeated: true } });
    expect(location(again)).toBe(location(first));
  });

  test('a command that is refused is answered at once', async () => {
    const answer = await hasty.send(`DELETE ${path}`, undefined, { prefer: 'respond-async' });
    expect(answer).toMatchObject({ status: 404, body: { code: 'aircraft-unknown' } });
  });
});

describe('the header Prefer', () => {
  test('respond-async is heeded: decided and stored, the rest is an operation', async () => {
    const answer = await patient.send(`PUT ${path}`, { seats: 100 }, { prefer: 'respond-async' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
    expect(await patient.send(`GET ${location(answer)}`)).toMatchObject({ body: { result: { version: 1 } } });
  });

  test('wait bounds the wait for the log', async () => {
    await patient.side.stopRelay();
    const answer = await patient.send(`PUT ${path}`, { seats: 100 }, { prefer: 'wait=0' });
    expect(answer.status).toBe(202);
    expect(answer.headers.get('preference-applied')).toBe('wait=0');
    await patient.side.startRelay();
    const done = await patient.send(`PUT ${path}`, { seats: 101 }, { prefer: 'respond-async, wait=15' });
    expect(done.status).toBe(200);
    expect(done.headers.get('reprise-position')).not.toBeNull();
  });
});

test.each(['/operations/nothing', '/operations/00000000-0000-4000-8000-000000000000'] as const)(
  '%s is unknown',
  async (operation) => {
    expect(await patient.send(`GET ${operation}`)).toMatchObject({
      status: 404,
      body: { code: 'operation-unknown' },
    });
  },
);
