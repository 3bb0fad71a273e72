import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { logConnection } from './log-connection.js';
import { logSettings, parseSettings } from './settings.js';

const folder = mkdtempSync(join(tmpdir(), 'reprise-settings-'));
const file = (name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, `${name} of a test`);
  return path;
};
const [ca, cert, key] = [file('ca'), file('cert'), file('key')];
const schema = z.object(logSettings);
const read = (environment: Record<string, string>) =>
  parseSettings(schema, {
    REPRISE_KAFKA_BROKERS: 'one:9092',
    REPRISE_REGISTRY_URL: 'http://registry:8080',
    ...environment,
  });
const login = { REPRISE_KAFKA_USERNAME: 'ann', REPRISE_KAFKA_PASSWORD: 's3cret' };

describe('the log is reached', () => {
  test('in the clear, as nobody, when nothing is said', () => {
    expect(logConnection(read({}), 'test')).toEqual({
      ...{ brokers: ['one:9092'], registryUrl: 'http://registry:8080', clientId: 'test' },
    });
  });

  test('by TLS, as somebody', () => {
    const settings = read({
      ...{ REPRISE_KAFKA_TLS: 'true', REPRISE_KAFKA_CA_FILE: ca },
      ...{ REPRISE_KAFKA_CERT_FILE: cert, REPRISE_KAFKA_KEY_FILE: key },
      ...{ REPRISE_KAFKA_SASL: 'scram-sha-512', ...login },
      ...{ REPRISE_REGISTRY_URL: 'https://registry', REPRISE_REGISTRY_CA_FILE: ca },
      ...{ REPRISE_REGISTRY_USERNAME: 'bob', REPRISE_REGISTRY_PASSWORD: 'other' },
    });
    expect(logConnection(settings, 'test')).toMatchObject({
      tls: { ca: 'ca of a test', cert: 'cert of a test', key: 'key of a test' },
      sasl: { mechanism: 'scram-sha-512', username: 'ann', password: 's3cret' },
      registryCa: 'ca of a test',
      registryAuth: { username: 'bob', password: 'other' },
    });
  });

  test.each([
    ['REPRISE_KAFKA_TLS', { REPRISE_KAFKA_SASL: 'plain', ...login }],
    ['REPRISE_KAFKA_TLS', { REPRISE_KAFKA_TLS: 'yes' }],
    ['REPRISE_KAFKA_CA_FILE', { REPRISE_KAFKA_CA_FILE: ca }],
    ['REPRISE_KAFKA_CA_FILE', { REPRISE_KAFKA_TLS: 'true', REPRISE_KAFKA_CA_FILE: '/nowhere' }],
    ['REPRISE_KAFKA_KEY_FILE', { REPRISE_KAFKA_TLS: 'true', REPRISE_KAFKA_CERT_FILE: cert }],
    ['REPRISE_KAFKA_CERT_FILE', { REPRISE_KAFKA_TLS: 'true', REPRISE_KAFKA_KEY_FILE: key }],
    ['REPRISE_KAFKA_USERNAME', { REPRISE_KAFKA_SASL: 'scram-sha-256', REPRISE_KAFKA_PASSWORD: 'x' }],
    ['REPRISE_KAFKA_PASSWORD', { REPRISE_KAFKA_SASL: 'scram-sha-256', REPRISE_KAFKA_USERNAME: 'x' }],
    ['REPRISE_KAFKA_SASL', login],
    ['REPRISE_KAFKA_SASL', { REPRISE_KAFKA_SASL: 'oauthbearer', ...login }],
    ['REPRISE_KAFKA_PASWORD', { REPRISE_KAFKA_SASL: 'scram-sha-256', REPRISE_KAFKA_PASWORD: 'x', ...login }],
    ['REPRISE_REGISTRY_CA_FILE', { REPRISE_REGISTRY_CA_FILE: ca }],
    ['REPRISE_REGISTRY_PASSWORD', { REPRISE_REGISTRY_URL: 'https://r', REPRISE_REGISTRY_USERNAME: 'x' }],
    ['REPRISE_REGISTRY_PASSWORD', { REPRISE_REGISTRY_USERNAME: 'x', REPRISE_REGISTRY_PASSWORD: 'y' }],
  ])('not by half a setting: %s', (name, environment) => {
    expect(() => read(environment)).toThrow(new RegExp(`^  ${name}: `, 'm'));
  });

  test('and a refusal tells no password', () => {
    expect(() => read({ REPRISE_KAFKA_SASL: 'plain', ...login })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('s3cret') }),
    );
  });
});
