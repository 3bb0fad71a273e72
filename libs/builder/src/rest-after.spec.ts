import { describe, expect, test } from '@jest/globals';
import { restAfter, restFarBehind, SettleTimes } from './rest-after.js';

test.each([
  [0, 100, 100],
  [20, 100, 180],
  [60, 180, 540],
  [500, 1_000, 1_000],
  [60_000, 60_000, 60_000],
])('after %i ms a live generation rests for %i ms, and another for %i', (tookMs, liveMs, otherMs) => {
  expect(restAfter(tookMs, { isLive: true })).toBe(liveMs);
  expect(restAfter(tookMs, { isLive: false })).toBe(otherMs);
});

test.each([
  [0, 2_000],
  [400, 3_600],
  [1_000, 5_000],
  [60_000, 60_000],
])('after a settle of %i ms one that is far behind rests for %i ms', (tookMs, restMs) => {
  expect(restFarBehind(tookMs)).toBe(restMs);
});

describe('a generation is due to be settled', () => {
  let nowMs = 0;
  const quiet = { unsettled: false, hasLoaded: false, isFarBehind: false };
  const fresh = { ...quiet, unsettled: true };

  /** Times of one whose last settle took so long, and ended so long ago. */
  async function settled(tookMs: number, agoMs: number): Promise<SettleTimes> {
    nowMs = 10_000;
    const times = new SettleTimes(() => nowMs);
    await times.measure(() => {
      nowMs += tookMs;
      return Promise.resolve();
    });
    nowMs += agoMs;
    return times;
  }

  test('when something was applied, and now and then also when nothing was', async () => {
    expect((await settled(50, 0)).isDue(fresh)).toBe(true);
    expect((await settled(50, 1_999)).isDue(quiet)).toBe(false);
    expect((await settled(50, 2_000)).isDue(quiet)).toBe(true);
  });

  test('far behind: not before it has rested, unless others wait for a load that ended', async () => {
    const behind = { ...fresh, isFarBehind: true };
    expect((await settled(400, 3_599)).isDue(behind)).toBe(false);
    expect((await settled(400, 3_600)).isDue(behind)).toBe(true);
    expect((await settled(400, 0)).isDue({ ...behind, hasLoaded: true })).toBe(true);
  });
});
