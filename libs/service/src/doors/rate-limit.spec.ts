import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Issuer } from '@reprise/testing';
import { askedThings, bearer } from '../../test/asked-things.js';

let issuer: Issuer;
const { ask, open } = askedThings();

beforeAll(async () => {
  issuer = await Issuer.open();
});

afterAll(() => issuer.stop());

describe('a client that asks too often', () => {
  test('is told when to come again, by its subject, whatever its token', async () => {
    await open({ ...issuer.settings, REPRISE_RATE_LIMIT: 2 });
    const mine = async (subject: string) => ask('GET /things/mine', bearer(await issuer.token({ subject })));
    expect([(await mine('ann')).status, (await mine('ann')).status]).toEqual([200, 200]);
    const refusal = await mine('ann');
    expect(refusal).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(Number(refusal.headers['retry-after'])).toBeGreaterThan(0);
    expect(refusal.headers['ratelimit-limit']).toBe('2');
    expect(refusal.headers['content-type']).toContain('application/problem+json');
    expect((await mine('bob')).status).toBe(200);
    expect((await ask('GET /health/live')).status).toBe(200);
  });

  test('is counted by its address when it guesses tokens', async () => {
    await open({ ...issuer.settings, REPRISE_RATE_LIMIT: 2 });
    const statuses = [];
    for (let guess = 0; guess < 3; guess += 1)
      statuses.push((await ask('GET /things', bearer(`a.b.${guess}`))).status);
    expect(statuses).toEqual([401, 401, 429]);
    expect((await ask('GET /things/mine', bearer(await issuer.token()))).status).toBe(200);
  });

  test.each([
    ['whom a proxy that is trusted names', '127.0.0.0/8', [200, 200, 429, 200]],
    ['of the proxy, where that is not trusted', '10.0.0.0/8', [200, 429, 429, 429]],
  ])('is counted by the address %s', async (_, proxies, expected) => {
    await open({ REPRISE_RATE_LIMIT: 1, REPRISE_TRUSTED_PROXIES: [proxies] });
    const statuses = [];
    // The last hop counts: what comes before it the client may have made up.
    for (const hops of ['192.0.2.1', '192.0.2.2', '192.0.2.9, 192.0.2.1', '192.0.2.1, 192.0.2.3'])
      statuses.push((await ask('GET /things', { 'x-forwarded-for': hops })).status);
    expect(statuses).toEqual(expected);
  });

  test('is not held up in development mode, unless that is said', async () => {
    await open();
    for (let asked = 0; asked < 50; asked += 1) expect((await ask('GET /things')).status).toBe(200);
    await open({ REPRISE_RATE_LIMIT: 1 });
    expect([(await ask('GET /things')).status, (await ask('GET /things')).status]).toEqual([200, 429]);
  });
});
