import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { FlipStance, heldStill, showsAllOf } from './flip-stance.js';

let steps: number;
let stance: FlipStance;

beforeEach(() => {
  jest.useFakeTimers();
  steps = 0;
  stance = new FlipStance(
    () => (steps += 1),
    () => Date.now(),
  );
});

afterEach(() => {
  jest.useRealTimers();
});

/** Work that ends when the test says so. */
function work() {
  const { promise, resolve } = Promise.withResolvers<string>();
  const state = { began: false };
  const done = stance.run(() => {
    state.began = true;
    return promise;
  });
  return {
    state,
    done,
    end: () => {
      resolve('done');
      return done;
    },
  };
}

describe('the live generation, when a flip comes', () => {
  beforeEach(() => {
    stance.isLive = true;
  });

  test('is still as soon as what was begun has ended, and says so', async () => {
    const begun = work();
    stance.prepare(2_000);
    expect([stance.phase, stance.tellsWhatShows, steps]).toEqual([undefined, true, 0]);
    await begun.end();
    expect([stance.phase, stance.tellsWhatShows, steps]).toEqual(['still', false, 1]);
  });

  test('begins nothing while it is still, and goes on when the flip was made, a moment later', async () => {
    stance.prepare(2_000);
    const next = work();
    await jest.advanceTimersByTimeAsync(1_000);
    stance.end(250);
    await jest.advanceTimersByTimeAsync(249);
    expect([next.state.began, stance.phase]).toEqual([false, 'still']);
    await jest.advanceTimersByTimeAsync(1);
    expect([next.state.began, stance.phase]).toEqual([true, undefined]);
    expect(await next.end()).toBe('done');
  });

  test('goes on by itself when nobody makes the flip', async () => {
    stance.prepare(2_000);
    const next = work();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(next.state.began).toBe(true);
    await next.end();
    expect(stance.phase).toBeUndefined();
  });

  test('is still anew for the next flip, though the last one is about to end', async () => {
    stance.prepare(2_000);
    stance.end(250);
    stance.prepare(2_000);
    await jest.advanceTimersByTimeAsync(1_999);
    expect(stance.phase).toBe('still');
  });

  test('goes on at once when it is stopped', async () => {
    stance.prepare(2_000);
    const next = work();
    stance.stop();
    await jest.advanceTimersByTimeAsync(0);
    expect(next.state.began).toBe(true);
    await next.end();
  });

  test('work that fails is over like any other', async () => {
    const failing = stance.run(() => Promise.reject(new Error('away')));
    stance.prepare(2_000);
    await expect(failing).rejects.toThrow('away');
    expect(stance.phase).toBe('still');
  });
});

describe('the generation that is to go live', () => {
  test('approaches, working on, and tells what its readers see until the flip is made', async () => {
    stance.prepare(2_000);
    expect([stance.phase, stance.tellsWhatShows, steps]).toEqual(['approaching', true, 1]);
    expect(await work().end()).toBe('done');
    stance.end(250);
    expect([stance.phase, stance.tellsWhatShows]).toEqual([undefined, false]);
  });

  test('rests for a moment when the flip was made, but works on, and not when the next flip comes', async () => {
    stance.prepare(2_000);
    expect(stance.isResting).toBe(false);
    stance.end(250);
    expect(stance.isResting).toBe(true);
    expect(await work().end()).toBe('done');
    await jest.advanceTimersByTimeAsync(249);
    expect(stance.isResting).toBe(true);
    await jest.advanceTimersByTimeAsync(1);
    expect(stance.isResting).toBe(false);
    stance.prepare(2_000);
    stance.end(250);
    stance.prepare(2_000);
    expect(stance.isResting).toBe(false);
  });

  test('does not rest after a flip between others', () => {
    stance.end(250);
    expect(stance.isResting).toBe(false);
  });

  test('ceases to by itself when nobody makes the flip', async () => {
    stance.prepare(2_000);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(stance.phase).toBeUndefined();
  });

  test('works on at once when it was the live one a moment ago', async () => {
    stance.isLive = true;
    stance.prepare(2_000);
    stance.end(250);
    stance.isLive = false;
    stance.prepare(2_000);
    expect(stance.phase).toBe('approaching');
    expect(await work().end()).toBe('done');
  });
});

test.each([
  ['all of it', { a: 5n, b: 8n, other: 0n }, true],
  ['less in one partition', { a: 5n, b: 6n }, false],
  ['nothing of one partition', { a: 5n }, false],
])('readers who see %s of what is held still', (_, visible, isAll) => {
  const still = new Map([
    ['a', 5n],
    ['b', 7n],
    ['other', 9n],
  ]);
  const seen = new Map(Object.entries(visible));
  expect(showsAllOf(still, { visible: seen, partitions: ['a', 'b'] })).toBe(isAll);
});

test('where it is not known what is held still, nobody sees all of it', () => {
  const visible = new Map([['a', 5n]]);
  expect(showsAllOf(new Map(), { visible, partitions: ['a'] })).toBe(false);
});

test('what is held still is what readers see of the live generation’s partitions that are fed here, while it keeps still', () => {
  const reached = new Map([
    ['a', 5n],
    ['elsewhere', 9n],
  ]);
  const live = { partitions: ['a', 'b'], reached };
  expect(heldStill({ ...live, phase: 'still' })).toEqual(
    new Map([
      ['a', 5n],
      ['b', 0n],
    ]),
  );
  expect(heldStill({ ...live, phase: 'feeding' })).toBeUndefined();
  expect(heldStill(undefined)).toBeUndefined();
});
