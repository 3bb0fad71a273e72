import { expect, test } from '@jest/globals';
import { createLogger } from './logger.js';
import { rememberSecrets } from './secrets.js';

rememberSecrets({ REPRISE_KAFKA_PASSWORD: 'logged-secret' });

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger('test', 'info', { write: (line) => lines.push(line) }));
  return lines.join('');
}

test('a line is written without the secrets of the settings, wherever they stand', () => {
  const line = logged((logger) => {
    logger.info(
      { url: 'redis://:logged-secret@cache', deep: { list: ['logged-secret'] } },
      'with logged-secret',
    );
  });
  expect(line).toContain('redis://:***@cache');
  expect(line).not.toContain('logged-secret');
});

test('of a failure its message, its code and its causes are written, and nothing that a client put on it', () => {
  const cause = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['ann', 'pw'] } });
  const failure = Object.assign(new Error('away', { cause }), {
    code: 'store-away',
    request: { headers: 'pw' },
  });
  const line: unknown = JSON.parse(
    logged((logger) => {
      logger.error({ err: failure }, 'failed');
    }),
  );
  expect(line).toMatchObject({
    err: { type: 'Error', message: 'away', code: 'store-away', cause: { message: 'WRONGPASS' } },
  });
  expect(JSON.stringify(line)).not.toMatch(/"pw"|headers|args/);
});
