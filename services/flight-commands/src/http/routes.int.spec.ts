import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nowMs } from '../../test/write-side.js';
import { Served } from '../../test/served.js';
import { airline } from '../airline/entity.js';
import { flight } from '../flight/entity.js';

let served: Served;

beforeAll(async () => {
  served = await Served.open();
  await served.side.startRelay();
});

afterAll(() => served.close());

const references = [
  ['/airlines/UA', { name: 'United Air Lines Inc.' }, { name: 'United' }],
  [
    '/airports/JFK',
    { name: 'John F Kennedy Intl', latitude: 40.639751, timeZone: 'America/New_York' },
    { name: 'Kennedy' },
  ],
  ['/aircraft/N14228', { year: 1999, manufacturer: 'BOEING' }, { year: 2000, manufacturer: 'BOEING' }],
] as const;

describe.each(references)('%s', (path, body, otherBody) => {
  test('is created, left as it is, changed and removed', async () => {
    expect(await served.send(`PUT ${path}`, body)).toMatchObject({ status: 201, body: { version: 1 } });
    expect(await served.send(`PUT ${path}`, body)).toMatchObject({
      status: 200,
      body: { version: 1, events: [] },
    });
    expect(await served.send(`PUT ${path}`, otherBody)).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await served.send(`DELETE ${path}`)).toMatchObject({ status: 200, body: { version: 3 } });
    expect(await served.send(`DELETE ${path}`)).toMatchObject({ status: 404 });
  });

  test('refuses a body or a key that cannot be one', async () => {
    expect(await served.send(`PUT ${path}`, { ...body, color: 'red' })).toMatchObject({ status: 422 });
    expect(await served.send(`PUT ${path}`, [])).toMatchObject({ status: 422 });
    const wrongKey = await served.send(`PUT ${path}$`, body);
    expect(wrongKey).toMatchObject({ status: 422, body: { code: 'invalid-key' } });
  });
});

const plan = {
  ...{ carrier: 'UA', number: 7, origin: 'JFK', destination: 'LAX' },
  scheduledDeparture: '2013-01-01T00:30:00+02:00',
};

describe('/flights', () => {
  test('names a flight by the date as written in the offset of its departure', async () => {
    const { status, headers, body } = await served.send('POST /flights', plan);
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { flightId: '2013-01-01-UA7-JFK', version: 1 },
    });
    expect(headers.get('location')).toBe('/flights/2013-01-01-UA7-JFK');
    expect(await served.side.store.read(flight, '2013-01-01-UA7-JFK')).toMatchObject({
      state: {
        date: '2013-01-01',
        scheduledDeparture: Date.UTC(2012, 11, 31, 22, 30),
        utcOffsetMinutes: 120,
      },
    });
    expect(await served.send('POST /flights', plan)).toMatchObject({ status: 200, body: { events: [] } });
  });

  test('takes a flight through departure and arrival, now unless said otherwise', async () => {
    const path = '/flights/2013-01-01-UA8-JFK' as const;
    await served.send('POST /flights', { ...plan, number: 8 });
    expect(await served.send(`POST ${path}/arrival`)).toMatchObject({
      status: 409,
      body: { code: 'not-departed' },
    });
    const departedAt = '2012-12-31T22:31:00Z';
    expect(await served.send(`POST ${path}/departure`, { departedAt })).toMatchObject({ status: 200 });
    expect(await served.send(`POST ${path}/cancellation`)).toMatchObject({ status: 409 });
    expect(await served.send(`POST ${path}/arrival`, { arrivedAt: departedAt })).toMatchObject({
      status: 422,
    });
    expect(await served.send(`POST ${path}/arrival`)).toMatchObject({ status: 200, body: { version: 3 } });
    const stored = await served.side.store.read(flight, '2013-01-01-UA8-JFK');
    expect(stored).toMatchObject({
      state: { status: 'arrived', arrivedAt: nowMs, departureDelayMinutes: 1 },
    });
  });

  test('diverts, cancels and removes', async () => {
    await served.send('POST /flights', { ...plan, number: 9 });
    await served.send('POST /flights', { ...plan, number: 10 });
    const [diverted, cancelled] = ['/flights/2013-01-01-UA9-JFK', '/flights/2013-01-01-UA10-JFK'] as const;
    await served.send(`POST ${diverted}/departure`, { departedAt: '2012-12-31T22:31:00Z' });
    const answer = await served.send(`POST ${diverted}/diversion`, { divertedTo: 'SFO' });
    expect(answer).toMatchObject({ status: 200, body: { events: ['FlightDiverted'] } });
    expect(await served.send(`POST ${cancelled}/cancellation`)).toMatchObject({ status: 200 });
    expect(await served.send(`DELETE ${cancelled}`)).toMatchObject({ status: 200, body: { version: 3 } });
    expect(await served.send(`POST ${cancelled}/departure`)).toMatchObject({ status: 404 });
  });

  test.each([
    ['no offset', { scheduledDeparture: '2013-01-01T00:30:00' }],
    ['an offset that nobody has', { scheduledDeparture: '2013-01-01T00:30:00+15:00' }],
    ['a number that no flight has', { number: 0 }],
    ['a carrier in lower case', { carrier: 'ua' }],
    ['the same place twice', { destination: 'JFK' }],
    ['a date far from its departure', { date: '2013-06-01' }],
  ])('refuses a schedule with %s', async (_what, change) => {
    expect(await served.send('POST /flights', { ...plan, ...change })).toMatchObject({ status: 422 });
  });
});

describe('the marks of a request', () => {
  test('give the first answer again for a repeated key, and refuse it for something else', async () => {
    const headers = { 'idempotency-key': 'once', 'x-correlation-id': 'trip-1' };
    const first = await served.send('PUT /airlines/AA', { name: 'American' }, headers);
    expect(first).toMatchObject({ status: 201, body: { version: 1, repeated: false } });
    expect(first.headers.get('x-correlation-id')).toBe('trip-1');
    const again = await served.send('PUT /airlines/AA', { name: 'American' }, headers);
    expect(again).toMatchObject({ status: 201, body: { version: 1, repeated: true } });
    expect(again.headers.get('reprise-position')).toBe(first.headers.get('reprise-position'));
    const reused = { status: 422, body: { code: 'command-id-reused' } };
    expect(await served.send('PUT /airlines/AA', { name: 'Other' }, headers)).toMatchObject(reused);
    expect(await served.send('DELETE /airlines/AA', undefined, headers)).toMatchObject(reused);
    const elsewhere = await served.send('PUT /airlines/DL', { name: 'Delta' }, headers);
    expect(elsewhere).toMatchObject(reused);
  });

  test('tell a command without a time of its own to be the same later', async () => {
    const headers = { 'idempotency-key': 'departs-once' };
    await served.send('POST /flights', { ...plan, number: 11 });
    const path = '/flights/2013-01-01-UA11-JFK/departure' as const;
    const first = await served.send(`POST ${path}`, {}, headers);
    expect(first).toMatchObject({ status: 200, body: { version: 2 } });
    served.advance(5 * 60_000);
    const again = await served.send(`POST ${path}`, undefined, headers);
    expect(again).toMatchObject({ status: 200, body: { version: 2, repeated: true } });
    const stated = await served.send(`POST ${path}`, { departedAt: '2012-12-31T22:31:00Z' }, headers);
    expect(stated).toMatchObject({ status: 422, body: { code: 'command-id-reused' } });
  });

  test('must be printable', async () => {
    const answer = await served.send('DELETE /airlines/AA', undefined, { 'idempotency-key': 'a b' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-header' } });
  });
});

test('two airlines have two names, however they are written', async () => {
  await served.send('PUT /airlines/HA', { name: 'Hawaiian Airlines Inc.' });
  const taken = await served.send('PUT /airlines/HB', { name: 'HAWAIIAN  Airlines inc.' });
  expect(taken).toMatchObject({
    status: 409,
    body: {
      code: 'airline-name-taken',
      detail: 'This airline name is held by HA, and can be held by one only.',
    },
  });
  expect(await served.send('DELETE /airlines/HA')).toMatchObject({ status: 200 });
  expect(await served.send('PUT /airlines/HB', { name: 'Hawaiian Airlines Inc.' })).toMatchObject({
    status: 201,
  });
});

describe('the version of an entity', () => {
  const path = '/airlines/B6' as const;

  test('is its ETag, and may be asked for', async () => {
    const created = await served.send(`PUT ${path}`, { name: 'JetBlue' }, { 'if-none-match': '*' });
    expect(created.status).toBe(201);
    expect(created.headers.get('etag')).toBe('"1"');
    const changed = await served.send(`PUT ${path}`, { name: 'Jet Blue' }, { 'if-match': '"1"' });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).toBe('"2"');
    const unchanged = await served.send(`PUT ${path}`, { name: 'Jet Blue' }, { 'if-match': '"5", "2"' });
    expect(unchanged.status).toBe(200);
    expect(unchanged.headers.get('etag')).toBe('"2"');
  });

  test.each([
    [{ 'if-match': '"1"' }],
    [{ 'if-match': 'W/"2"' }],
    [{ 'if-none-match': '*' }],
    [{ 'if-none-match': '"2"' }],
    [{ 'if-match': '"2"', 'if-none-match': 'W/"2"' }],
  ])('that is another one than %j asks for keeps everything as it is', async (headers) => {
    const refused = await served.send(`PUT ${path}`, { name: 'Blue' }, headers);
    expect(refused).toMatchObject({ status: 412, body: { code: 'version-mismatch' } });
    expect(refused.headers.get('etag')).toBe('"2"');
    expect(await served.side.store.read(airline, 'B6')).toMatchObject({
      version: 2,
      state: { name: 'Jet Blue' },
    });
  });

  test('is none when there is no such entity', async () => {
    const answer = await served.send('DELETE /airlines/ZZ', undefined, { 'if-match': '*' });
    expect(answer).toMatchObject({ status: 412, body: { code: 'version-mismatch' } });
    expect(answer.headers.get('etag')).toBeNull();
  });

  test('must be asked for in quotes', async () => {
    const answer = await served.send(`PUT ${path}`, { name: 'Blue' }, { 'if-match': '2' });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-header' } });
  });
});
