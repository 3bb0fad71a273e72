import { expect, test } from '@jest/globals';
import { restAfter, restFarBehind } from './rest-after.js';

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
