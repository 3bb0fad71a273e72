import { expect, test } from '@jest/globals';
import { rememberSecrets, withoutSecrets } from './secrets.js';

rememberSecrets({
  REPRISE_POSTGRES_URL: 'postgres://writer:p%40ss-w0rd@db:5432/flights',
  REPRISE_KAFKA_PASSWORD: 'quo"ted-secret',
  REPRISE_CALLBACK_SECRET: 'call-back-secret',
  REPRISE_HOST: '127.0.0.1',
  REPRISE_PORT: 8080,
});

test.each([
  'connect to postgres://writer:p%40ss-w0rd@db:5432/flights failed',
  'the password p@ss-w0rd is wrong',
  'quo"ted-secret',
  JSON.stringify({ password: 'quo"ted-secret' }),
  `Basic ${Buffer.from('writer:p@ss-w0rd').toString('base64')}`,
  'call-back-secret twice: call-back-secret',
])('a secret is left out of %j', (text) => {
  const clean = withoutSecrets(text);
  expect(clean).toContain('***');
  expect(clean).not.toMatch(/p%40ss|p@ss|quo|call-back|d3JpdGVy/);
});

test('what is no secret stays', () => {
  expect(withoutSecrets('listening on 127.0.0.1:8080 for writer')).toBe(
    'listening on 127.0.0.1:8080 for writer',
  );
});
