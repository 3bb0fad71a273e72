import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { parseSettings, processSettings } from '../settings.js';
import { authModeOf } from './settings.js';

const schema = z.object(processSettings);
const read = (environment: Record<string, string>) =>
  parseSettings(schema, { REPRISE_PORT: '8080', ...environment });

const tokens = {
  REPRISE_AUTH: 'jwt',
  REPRISE_AUTH_ISSUER: 'https://issuer.example',
  REPRISE_AUTH_AUDIENCE: 'reprise',
};

describe('who is let in', () => {
  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('is everybody by default on %s', (host) => {
    expect(authModeOf(read({ REPRISE_HOST: host }))).toEqual({ kind: 'development' });
  });

  test.each(['0.0.0.0', '::', '10.0.0.7', 'example.com', '127.0.0.1.example.com', '128.0.0.1'])(
    'has to be said on %s',
    (host) => {
      expect(() => read({ REPRISE_HOST: host })).toThrow(/REPRISE_AUTH: must be set to listen on/);
      expect(() => read({ REPRISE_HOST: host, REPRISE_AUTH: 'development' })).toThrow(
        /REPRISE_AUTH: must not be development on/,
      );
    },
  );

  test('is everybody elsewhere only when that is said twice', () => {
    const exposed = { REPRISE_HOST: '0.0.0.0', REPRISE_DEVELOPMENT_EXPOSED: 'true' };
    expect(() => read(exposed)).toThrow(/REPRISE_AUTH: must be set/);
    expect(authModeOf(read({ ...exposed, REPRISE_AUTH: 'development' }))).toEqual({ kind: 'development' });
  });

  test('is holders of tokens, on any address', () => {
    expect(authModeOf(read({ ...tokens, REPRISE_HOST: '0.0.0.0' }))).toEqual({
      ...{ kind: 'jwt', issuer: 'https://issuer.example', audience: 'reprise' },
      ...{ jwksUrl: undefined, clockToleranceMs: 30_000 },
    });
  });

  test.each([
    ['REPRISE_AUTH_ISSUER', { ...tokens, REPRISE_AUTH_ISSUER: undefined }],
    ['REPRISE_AUTH_AUDIENCE', { ...tokens, REPRISE_AUTH_AUDIENCE: undefined }],
    ['REPRISE_AUTH_ISSUER', { ...tokens, REPRISE_AUTH_ISSUER: 'http://issuer.example' }],
    ['REPRISE_AUTH_JWKS_URL', { ...tokens, REPRISE_AUTH_JWKS_URL: 'http://issuer.example/keys' }],
    ['REPRISE_AUTH_ISSUER', { REPRISE_AUTH_ISSUER: 'https://issuer.example' }],
    ['REPRISE_AUTH_AUDIENCE', { REPRISE_AUTH: 'development', REPRISE_AUTH_AUDIENCE: 'reprise' }],
    ['REPRISE_DEVELOPMENT_EXPOSED', { ...tokens, REPRISE_DEVELOPMENT_EXPOSED: 'true' }],
    ['REPRISE_AUTH_AUDIANCE', { ...tokens, REPRISE_AUTH_AUDIANCE: 'reprise' }],
    ['REPRISE_AUTH', { REPRISE_AUTH: 'none' }],
    ['REPRISE_AUTH', { REPRISE_AUTH: '' }],
  ])('is not left to half a setting: %s', (name, environment) => {
    const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
    expect(() => read(given as Record<string, string>)).toThrow(new RegExp(`^  ${name}: `, 'm'));
  });
});

describe('proxies that are trusted', () => {
  test('are addresses and networks', () => {
    const { REPRISE_TRUSTED_PROXIES } = read({
      REPRISE_TRUSTED_PROXIES: '10.0.0.7, 192.168.0.0/16,::1,fd00::/8',
    });
    expect(REPRISE_TRUSTED_PROXIES).toEqual(['10.0.0.7', '192.168.0.0/16', '::1', 'fd00::/8']);
    expect(read({}).REPRISE_TRUSTED_PROXIES).toEqual([]);
  });

  test.each(['', 'gateway', '10.0.0.7,', '10.0.0.0/33', '10.0.0.0/0', '10.0.0.0/8/8', '::/129', 'true', '*'])(
    'are not %j',
    (written) => {
      expect(() => read({ REPRISE_TRUSTED_PROXIES: written })).toThrow(/REPRISE_TRUSTED_PROXIES: must be/);
    },
  );
});
