import { expect, test } from '@jest/globals';
import { restAfter } from './rest-after.js';

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
