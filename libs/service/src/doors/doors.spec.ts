import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import { Issuer } from '@reprise/testing';
import { askedThings, bearer } from '../../test/asked-things.js';
import { DoorKeeper } from './door-keeper.js';

let issuer: Issuer;
const { app, ask, open } = askedThings();

beforeAll(async () => {
  issuer = await Issuer.open();
});

afterAll(() => issuer.stop());

describe('with tokens', () => {
  test('whoever has the scope is let in, by the subject of the token', async () => {
    await open(issuer.settings);
    const token = await issuer.token({ subject: 'ann', scope: 'other:read thing:read' });
    expect(await ask('GET /things', bearer(token))).toMatchObject({ status: 200, body: { subject: 'ann' } });
    const listed = await issuer.token({ claims: { scp: ['thing:read'] } });
    expect(await ask('GET /things', bearer(listed))).toMatchObject({ status: 200 });
    expect(await ask('GET /things/mine', bearer(await issuer.token()))).toMatchObject({ status: 200 });
  });

  test('a scope that is missing is named', async () => {
    await open(issuer.settings);
    const token = await issuer.token({ scope: 'thing:write thing thing:reader' });
    const refusal = await ask('GET /things', bearer(token));
    expect(refusal).toMatchObject({ status: 403, body: { code: 'scope-missing', scope: 'thing:read' } });
    expect(refusal.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="thing:read"');
  });

  test('without a token there is nothing but what is open to all', async () => {
    await open(issuer.settings);
    for (const target of ['GET /things', 'HEAD /things', 'POST /things', 'GET /things/mine'] as const) {
      const refusal = await ask(target);
      expect(refusal.status).toBe(401);
      expect(refusal.headers['www-authenticate']).toBe('Bearer realm="reprise"');
    }
    expect(await ask('GET /things')).toMatchObject({ body: { code: 'token-missing' } });
    expect((await ask('GET /health/live')).status).toBe(200);
    expect((await ask('GET /docs-json')).status).toBe(200);
    expect((await ask('GET /nothing')).status).toBe(404);
  });

  test('the body of whoever is not let in is not read', async () => {
    await open({ ...issuer.settings, REPRISE_MAX_BODY_BYTES: 10 });
    const answer = await app().inject({
      method: 'POST',
      url: '/things',
      headers: { 'content-type': 'application/json' },
      payload: 'no JSON at all, and far too long',
    });
    expect(answer.statusCode).toBe(401);
  });

  test('a route that says nothing of who may pass lets nobody pass', async () => {
    await open(issuer.settings);
    const token = await issuer.token({ scope: 'thing:read thing:write operator:write' });
    expect(await ask('GET /things/forgotten', bearer(token))).toMatchObject({
      status: 403,
      body: { code: 'closed' },
    });
    // As one for the readers of a view, in a process that serves none.
    expect(await ask('GET /things/shown/1', bearer(token))).toMatchObject({ body: { code: 'closed' } });
    expect((await ask('GET /things/forgotten')).status).toBe(401);
  });

  test('of a view, its readers are let in', async () => {
    await open(issuer.settings);
    app().get(DoorKeeper).serve('thing-view');
    const [reader, other] = [
      await issuer.token({ scope: 'thing-view:read' }),
      await issuer.token({ scope: 'other-view:read' }),
    ];
    expect((await ask('GET /things/shown/1', bearer(reader))).status).toBe(200);
    expect(await ask('GET /things/shown/1', bearer(other))).toMatchObject({
      status: 403,
      body: { scope: 'thing-view:read' },
    });
  });

  test('why nobody is ready is not told to everybody', async () => {
    await open({ ...issuer.settings, REPRISE_AUTH_ISSUER: 'http://127.0.0.1:1' });
    const { status, body } = await ask('GET /health/ready');
    expect({ status, body }).toEqual({
      status: 503,
      body: { status: 'not-ready', checks: { tokens: 'failing' } },
    });
    const refusal = await ask('GET /things', bearer(await issuer.token()));
    expect(refusal).toMatchObject({ status: 503, body: { code: 'keys-unknown' } });
    expect(refusal.headers['retry-after']).toBe('1');
  });
});

describe('a token is refused', () => {
  const { privateKey: stranger } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const publicKey = () => issuer.keys.get('first')!.publicKey;
  const cases: readonly (readonly [string, string, () => Promise<string>])[] = [
    ['that has expired', 'token-expired', () => issuer.token({ expiresInS: -31 })],
    ['that is not valid yet', 'token-not-yet-valid', () => issuer.token({ notBeforeInS: 40 })],
    ['for another service', 'token-invalid', () => issuer.token({ audience: 'another' })],
    ['of another issuer', 'token-invalid', () => issuer.token({ issuer: 'http://127.0.0.1:1' })],
    ['that nobody signed', 'token-invalid', async () => unsigned()],
    [
      'signed with the public key as if it were a shared secret',
      'token-invalid',
      async () =>
        issuer
          .unsigned({ scope: 'thing:read' })
          .setProtectedHeader({ alg: 'HS256', kid: 'first' })
          .sign(new TextEncoder().encode(await exportSPKI(publicKey()))),
    ],
    [
      'signed by a stranger under a name that is known',
      'token-invalid',
      () => issuer.unsigned().setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(stranger),
    ],
    [
      'that brings its own key',
      'token-invalid',
      () =>
        issuer
          .unsigned()
          .setProtectedHeader({ alg: 'RS256', kid: 'first', jku: 'http://127.0.0.1:1/keys' })
          .sign(stranger),
    ],
    [
      'without an end',
      'token-invalid',
      () => signed(new SignJWT({}).setIssuer(issuer.url).setAudience(issuer.audience).setSubject('x')),
    ],
    [
      'without a subject',
      'token-invalid',
      () =>
        signed(new SignJWT({}).setIssuer(issuer.url).setAudience(issuer.audience).setExpirationTime('1m')),
    ],
    ['whose subject cannot be kept', 'token-invalid', () => issuer.token({ subject: 'a\nb' })],
    ['that is none', 'token-invalid', async () => 'a.b.c'],
    ['with its signature cut off', 'token-invalid', async () => (await issuer.token()).replace(/[^.]*$/, '')],
    ['that was changed', 'token-invalid', async () => (await issuer.token()).replace(/\.[^.]{5}/, '.AAAAA')],
  ];

  async function signed(token: SignJWT): Promise<string> {
    const header = { alg: 'RS256', kid: 'first' };
    return token.setProtectedHeader(header).sign(issuer.keys.get('first')!.privateKey);
  }

  function unsigned(): string {
    return new UnsecuredJWT({ scope: 'thing:read' })
      .setIssuer(issuer.url)
      .setAudience(issuer.audience)
      .setSubject('ann')
      .setExpirationTime('1m')
      .encode();
  }

  test.each(cases)('%s', async (_what, code, token) => {
    await open(issuer.settings);
    const refusal = await ask('GET /things/mine', bearer(await token()));
    expect(refusal).toMatchObject({ status: 401, body: { code } });
    expect(refusal.headers['www-authenticate']).toMatch(/^Bearer realm="reprise", error="invalid_token"/);
  });

  test.each(['Basic YW5uOnNlY3JldA==', 'Bearer', 'Bearer a b', 'a.b.c', ''])(
    'when the header is %j',
    async (authorization) => {
      await open(issuer.settings);
      expect((await ask('GET /things/mine', { authorization })).status).toBe(401);
    },
  );

  test('within the tolerance for clocks it is not', async () => {
    await open({ ...issuer.settings, REPRISE_AUTH_CLOCK_TOLERANCE_MS: 60_000 });
    expect((await ask('GET /things/mine', bearer(await issuer.token({ expiresInS: -31 })))).status).toBe(200);
  });
});

describe('in development mode', () => {
  test('nobody is asked, and nobody is told from anybody', async () => {
    await open();
    expect(await ask('GET /things')).toMatchObject({ status: 200, body: { subject: null } });
    expect(await ask('GET /things/forgotten')).toMatchObject({ status: 403, body: { code: 'closed' } });
  });

  test.each([
    ['GET /things', { host: 'evil.example:7400' }],
    ['GET /health/ready', { host: 'evil.example' }],
    ['GET /things', { host: '127.0.0.1.evil.example' }],
    ['GET /things', { host: 'localhost:80', origin: 'https://evil.example' }],
    ['POST /things', { host: 'localhost:80', origin: 'null' }],
    ['POST /things', { host: 'localhost:80', origin: 'http://localhost:3000' }],
    ['POST /things', { host: 'localhost:80', 'sec-fetch-site': 'cross-site' }],
    ['POST /things', { host: '127.0.0.1:80', 'sec-fetch-site': 'same-site' }],
  ] as const)('a page of another site cannot %s as %j', async (target, headers) => {
    await open();
    expect(await ask(target, headers)).toMatchObject({ status: 403, body: { code: 'cross-site-request' } });
  });

  test.each([
    { host: 'localhost' },
    { host: '127.0.0.1:7400' },
    { host: '[::1]:7400' },
    { host: 'flight-commands:8080' },
    { host: 'app.localhost:7400', origin: 'http://app.localhost:7400', 'sec-fetch-site': 'same-origin' },
  ])('its own pages and other programs can: %j', async (headers) => {
    await open();
    expect((await ask('POST /things', headers)).status).toBe(201);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/html',
  ])('what a page can send without asking is not taken: %s', async (type) => {
    await open();
    const answer = await app().inject({
      method: 'POST',
      url: '/things',
      headers: { 'content-type': type },
      payload: '{"a":1}',
    });
    expect(answer.statusCode).toBe(415);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });
});

test('what is there under other methods says under which', async () => {
  await open(issuer.settings);
  const refusal = await ask('DELETE /things/shown/1');
  expect(refusal).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
  expect(refusal.headers['allow']).toBe('GET, HEAD');
  expect((await ask('DELETE /things/shown/1/more')).status).toBe(404);
});

describe('the description', () => {
  test('names the issuer, and the scope of every route', async () => {
    await open(issuer.settings);
    const { body } = await ask('GET /docs-json');
    expect(body).toMatchObject({
      components: {
        securitySchemes: {
          tokens: {
            type: 'openIdConnect',
            openIdConnectUrl: `${issuer.url}/.well-known/openid-configuration`,
          },
        },
      },
      paths: {
        '/things': {
          get: {
            security: [{ tokens: ['thing:read'] }],
            'x-scope': 'thing:read',
            responses: { 401: {}, 403: {} },
          },
          post: { security: [{ tokens: ['thing:write'] }] },
        },
        '/things/mine': { get: { security: [{ tokens: [] }] } },
      },
    });
  });

  test('tells the scopes in development mode too, where none is asked for', async () => {
    await open();
    expect((await ask('GET /docs-json')).body).toMatchObject({
      paths: { '/things': { get: { security: [], 'x-scope': 'thing:read' } } },
    });
  });
});
