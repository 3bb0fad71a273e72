import { expect, test } from '@jest/globals';
import { restAfter } from './rest-after.js';

test.each([
  [0, 100],
  [20, 100],
  [60, 180],
  [500, 1_000],
  [60_000, 60_000],
])('after %i ms it rests for %i ms', (tookMs, restMs) => {
  expect(restAfter(tookMs)).toBe(restMs);
});
