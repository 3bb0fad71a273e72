import { expect, test } from '@jest/globals';
import { holds } from './version-condition.js';

test.each([
  [{}, undefined, true],
  [{}, 3, true],
  [{ match: [3] }, 3, true],
  [{ match: [2, 3] }, 3, true],
  [{ match: [2] }, 3, false],
  [{ match: [] }, 3, false],
  [{ match: [3] }, undefined, false],
  [{ match: 'any' }, 3, true],
  [{ match: 'any' }, undefined, false],
  [{ noneMatch: 'any' }, undefined, true],
  [{ noneMatch: 'any' }, 3, false],
  [{ noneMatch: [3] }, 3, false],
  [{ noneMatch: [2] }, 3, true],
  [{ noneMatch: [2] }, undefined, true],
  [{ match: 'any', noneMatch: [3] }, 3, false],
] as const)('%j at version %s: %s', (condition, version, isHeld) => {
  expect(holds(condition, version)).toBe(isHeld);
});
