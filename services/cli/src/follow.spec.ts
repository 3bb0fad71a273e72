import { describe, expect, test } from '@jest/globals';
import type { Generation } from './answers.js';
import { UnreachableError } from './control-plane-client.js';
import { follow } from './follow.js';
import { checked, told } from '../test/told.js';
import { ProgressLines } from './progress-display.js';

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

  test('shows what its builders are at, how far its check is, and every problem as it appears', async () => {
    const running = checked({ concludedAt: null, phase: 'comparing', percent: 40 });
    const { done, lines } = following([
      told('building', { phase: 'loading', problems: ['no disk'] }, 10),
      told('building', { phase: 'loading', problems: ['no disk', 'no net'] }, 10),
      told('building', { phase: 'loading' }, 10),
      told('building', { paused: true }, 10),
      told('verifying', { verification: running }),
      told('ready', { verification: checked() }),
    ]);
    await done;
    expect(lines).toEqual([
      'flight_search_g2 building, loading: 10%, 1,000 records/s, 3 s left\n',
      'flight_search_g2 ! no disk\n',
      'flight_search_g2 ! no net\n',
      'flight_search_g2: going on\n',
      'flight_search_g2 building, paused: 10%, 1,000 records/s, 3 s left\n',
      'flight_search_g2 verifying, comparing: 40%, 1,000 records/s, lag 12, 1,500 entities checked\n',
      'flight_search_g2 ready: 100%, 1,000 records/s, lag 12\n',
    ]);
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
