import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { doorDefaults } from './doors/settings.js';
import { builderSettings, parseSettings, redacted, SettingsError } from './settings.js';

const schema = z.object(builderSettings);
const good = {
  REPRISE_PORT: '8080',
  REPRISE_KAFKA_BROKERS: 'one:9092, two:9092',
  REPRISE_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
};

describe('settings', () => {
  test('are read with their types and defaults, and what else is in the environment is left out', () => {
    expect(parseSettings(schema, { ...good, HOME: '/somewhere' })).toEqual({
      ...doorDefaults,
      REPRISE_HOST: '127.0.0.1',
      REPRISE_PORT: 8080,
      REPRISE_LOG_LEVEL: 'info',
      REPRISE_KAFKA_BROKERS: ['one:9092', 'two:9092'],
      REPRISE_REGISTRY_URL: good.REPRISE_REGISTRY_URL,
      REPRISE_KAFKA_TLS: false,
      REPRISE_WORK_MEMORY_MB: 256,
    });
  });

  test('all problems are told at once, each with its name and what the setting is for', () => {
    const refusal = refusalOf({
      REPRISE_PORT: '70000',
      REPRISE_LOG_LEVEL: 'loud',
      REPRISE_REGISTRY_URL: 'nowhere',
    });
    expect(refusal).toBeInstanceOf(SettingsError);
    const lines = refusal.message.split('\n').slice(1);
    expect(lines).toHaveLength(4);
    expect(lines.map((line) => line.trim().split(':')[0]).sort()).toEqual([
      'REPRISE_KAFKA_BROKERS',
      'REPRISE_LOG_LEVEL',
      'REPRISE_PORT',
      'REPRISE_REGISTRY_URL',
    ]);
    expect(refusal.message).toMatch(/REPRISE_PORT: .*\(Port to listen on\)/);
    expect(refusal.message).toMatch(
      /REPRISE_KAFKA_BROKERS: .*\(Kafka brokers as host:port, joined by commas\)/,
    );
  });

  test.each(['', '0', '1.5', 'http', '65536'])('"%s" is no port', (REPRISE_PORT) => {
    expect(() => parseSettings(schema, { ...good, REPRISE_PORT })).toThrow(/REPRISE_PORT/);
  });
});

describe('settings for the log', () => {
  test('lose the passwords in addresses and keep the rest', () => {
    expect(
      redacted({
        REPRISE_POSTGRES_URL: 'postgres://writer:s3cret@db:5432/flights?sslmode=require',
        REPRISE_REDIS_URL: 'redis://:s3cret@cache:6379',
        REPRISE_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
        REPRISE_PORT: 8080,
      }),
    ).toEqual({
      REPRISE_POSTGRES_URL: 'postgres://writer:***@db:5432/flights?sslmode=require',
      REPRISE_REDIS_URL: 'redis://:***@cache:6379',
      REPRISE_REGISTRY_URL: 'http://registry:8080/apis/ccompat/v7',
      REPRISE_PORT: 8080,
    });
  });

  test('lose a password that holds the signs that addresses are made of', () => {
    for (const password of ['a@b', 'a:b', 'a/b', '@', 'p@ss:w@rd/x']) {
      expect(
        JSON.stringify(redacted({ REPRISE_POSTGRES_URL: `postgres://writer:${password}@db:5432/x` })),
      ).toBe('{"REPRISE_POSTGRES_URL":"postgres://writer:***@db:5432/x"}');
    }
  });

  test('lose whatever is named a secret, whatever its type', () => {
    const hidden = redacted({
      REPRISE_API_TOKEN: 'abc',
      REPRISE_PASSWORD: ['abc'],
      REPRISE_CLIENT_SECRET: { deep: 'abc' },
    });
    expect(JSON.stringify(hidden)).not.toContain('abc');
  });

  test('lose passwords in lists of addresses as well', () => {
    expect(redacted({ REPRISE_ELASTICSEARCH_URLS: ['https://elastic:s3cret@one', 'https://two'] })).toEqual({
      REPRISE_ELASTICSEARCH_URLS: ['https://elastic:***@one', 'https://two'],
    });
  });
});

function refusalOf(environment: Record<string, string>): Error {
  try {
    parseSettings(schema, environment);
  } catch (refusal) {
    if (refusal instanceof Error) return refusal;
  }
  throw new Error('the settings were taken');
}
