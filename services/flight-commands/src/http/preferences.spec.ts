import { describe, expect, test } from '@jest/globals';
import { appliedPreferences, readPreferences, waitOf } from './preferences.js';

describe('the header Prefer', () => {
  test.each([
    [undefined, { respondAsync: false, waitMs: undefined }],
    ['respond-async', { respondAsync: true, waitMs: undefined }],
    ['Respond-Async, wait=5', { respondAsync: true, waitMs: 5_000 }],
    ['wait = "7"; strict', { respondAsync: false, waitMs: 7_000 }],
    ['wait=3, wait=9', { respondAsync: false, waitMs: 3_000 }],
    ['return=minimal, wait=soon, , respond-asynchronously', { respondAsync: false, waitMs: undefined }],
  ])('"%s" is read', (prefer, preferences) => {
    expect(readPreferences(prefer === undefined ? {} : { prefer })).toEqual(preferences);
  });
});

test.each([
  [{ respondAsync: false, waitMs: undefined }, 2_000, undefined],
  [{ respondAsync: true, waitMs: undefined }, 0, 'respond-async'],
  [{ respondAsync: true, waitMs: 1_000 }, 1_000, 'respond-async, wait=1'],
  [{ respondAsync: false, waitMs: 0 }, 0, 'wait=0'],
  [{ respondAsync: false, waitMs: 60_000 }, 2_000, 'wait=60'],
])('%j means to wait %d ms', (preferences, waitMs, applied) => {
  expect(waitOf(preferences, 2_000)).toBe(waitMs);
  expect(appliedPreferences(preferences)).toBe(applied);
});
