import { describe, expect, test } from '@jest/globals';
import { Health, IdleError } from './health.js';

function healthOf(failures: Readonly<Record<string, Error | undefined>>): Health {
  const health = new Health();
  for (const [name, failure] of Object.entries(failures))
    health.add({ name, check: () => (failure ? Promise.reject(failure) : undefined) });
  return health;
}

describe('what a process says of itself', () => {
  test('is ready when every check is', async () => {
    expect(await healthOf({ store: undefined, log: undefined }).report()).toEqual({
      status: 'ready',
      checks: { store: 'ok', log: 'ok' },
    });
  });

  test('is idle when it is well and has nothing to serve', async () => {
    expect(await healthOf({ store: undefined, view: new IdleError('nothing to serve') }).report()).toEqual({
      status: 'idle',
      checks: { store: 'ok', view: 'nothing to serve' },
    });
  });

  test('is not ready when anything fails, idle or not', async () => {
    const health = healthOf({ view: new IdleError('nothing to serve'), store: new Error('away') });
    expect(await health.report()).toMatchObject({ status: 'not-ready', checks: { store: 'away' } });
  });

  test('is not ready while it drains', async () => {
    const health = healthOf({ view: new IdleError('nothing to serve') });
    health.drain();
    expect(await health.report()).toMatchObject({ status: 'not-ready', checks: { drain: 'shutting down' } });
  });
});
