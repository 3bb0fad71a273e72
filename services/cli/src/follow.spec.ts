import { describe, expect, test } from '@jest/globals';
import type { Generation } from './answers.js';
import { UnreachableError } from './control-plane-client.js';
import { follow } from './follow.js';
import { ProgressLines } from './progress-display.js';

function told(status: string, given: Partial<Generation> = {}, percent = 100): Generation {
  return {
    number: 2,
    name: 'flight_search_g2',
    status,
    definitionVersion: 1,
    statusSince: 0,
    requestedBy: 'ann',
    autoFlip: false,
    reason: null,
    problems: [],
    progress: { percent, recordsApplied: 0, recordsPerSecond: 1_000, etaSeconds: 3, lagRecords: 12 },
    ...given,
  };
}

/** Follows what is told, one answer a look; time goes by 300 ms a pause. */
function following(answers: readonly (Generation | Error)[]) {
  const lines: string[] = [];
  let looks = 0;
  let nowMs = 0;
  const done = follow({
    ask: () => {
      const answer = answers[Math.min(looks, answers.length - 1)];
      looks += 1;
      return answer === undefined || answer instanceof Error
        ? Promise.reject(answer ?? new Error('nothing to tell'))
        : Promise.resolve(answer);
    },
    display: new ProgressLines({ write: (line) => lines.push(line) }),
    pause: (durationMs) => {
      nowMs += durationMs;
      return Promise.resolve();
    },
    nowMs: () => nowMs,
  });
  return { done, lines };
}

describe('following a rebuild', () => {
  test('ends when it is ready, with a line for every change', async () => {
    const { done, lines } = following([
      told('building', {}, 10),
      told('building', {}, 11),
      told('building', {}, 42),
      told('catching-up'),
      told('ready'),
    ]);
    await expect(done).resolves.toMatchObject({ status: 'ready' });
    expect(lines).toEqual([
      'flight_search_g2 building: 10%, 1,000 records/s, 3 s left\n',
      'flight_search_g2 building: 42%, 1,000 records/s, 3 s left\n',
      'flight_search_g2 catching-up: 100%, 1,000 records/s, lag 12\n',
      'flight_search_g2 ready: 100%, 1,000 records/s, lag 12\n',
    ]);
  });

  test('goes on to live when it flips by itself', async () => {
    const autoFlip = { autoFlip: true };
    const { done } = following([told('building', autoFlip), told('ready', autoFlip), told('live', autoFlip)]);
    await expect(done).resolves.toMatchObject({ status: 'live' });
  });

  test.each(['failed', 'retired'])('fails with the reason when the generation is %s', async (status) => {
    const { done } = following([told('building'), told(status, { reason: 'too slow', progress: null })]);
    await expect(done).rejects.toThrow(`flight_search_g2 ${status}: too slow`);
  });

  test('waits for a control plane that restarts', async () => {
    const { done } = following([
      told('building'),
      new UnreachableError('away'),
      new UnreachableError('away'),
      told('ready'),
    ]);
    await expect(done).resolves.toMatchObject({ status: 'ready' });
  });

  test('gives up on a control plane that stays away', async () => {
    const { done } = following([told('building'), new UnreachableError('away')]);
    await expect(done).rejects.toThrow('away');
  });
});
