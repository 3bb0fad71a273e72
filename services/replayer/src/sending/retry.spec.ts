import { describe, expect, test } from '@jest/globals';
import { AwayError, retry } from './retry.js';

/** Fails with these, one a try, and then works. */
function failing(...failures: Error[]): () => Promise<string> {
  const left = [...failures];
  return async () => {
    const failure = left.shift();
    if (failure) throw failure;
    return 'done';
  };
}

function options(change: { stop?: AbortSignal; patienceMs?: number } = {}) {
  const told: string[] = [];
  const onAway = (reason: string): void => {
    told.push(reason);
  };
  return { stop: new AbortController().signal, patienceMs: 60_000, onAway, told, ...change };
}

describe('a try', () => {
  test('is made again while the other side is away, and each reason is told once', async () => {
    const given = options();
    const attempt = failing(new AwayError('away'), new AwayError('away'), new AwayError('starting'));
    expect(await retry(attempt, given)).toBe('done');
    expect(given.told).toEqual(['away', 'starting']);
  });

  test('is not made again after a failure that no waiting heals', async () => {
    const given = options();
    await expect(retry(failing(new Error('wrong')), given)).rejects.toThrow('wrong');
    expect(given.told).toEqual([]);
  });

  test('is not made again when our patience is at its end', async () => {
    const given = options({ patienceMs: 0 });
    await expect(retry(failing(new AwayError('away')), given)).rejects.toThrow('away');
  });

  test('is not made again when we are to stop, and the wait for it ends at once', async () => {
    const stopped = options({ stop: AbortSignal.abort() });
    await expect(retry(failing(new AwayError('away')), stopped)).rejects.toThrow('away');
    const stopping = new AbortController();
    const given = {
      ...options({ stop: stopping.signal }),
      onAway: () => {
        stopping.abort();
      },
    };
    const attempt = failing(new AwayError('away'), new AwayError('still away'));
    await expect(retry(attempt, given)).rejects.toThrow('still away');
  });
});
