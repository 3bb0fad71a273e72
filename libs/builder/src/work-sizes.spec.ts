import { describe, expect, test } from '@jest/globals';
import { workSizes } from './work-sizes.js';

describe('what a builder holds at once', () => {
  test('grows with the memory that it is given, and never beyond it', () => {
    for (const memoryMb of [16, 96, 256, 1_024]) {
      const { loadedEntities, verifiedEntities } = workSizes(memoryMb);
      // Two partitions are loaded at once.
      expect(loadedEntities * 2 * 120).toBeLessThanOrEqual(memoryMb * 1_000_000 + 240);
      // A check reads one partition at a time, and keeps what it compares beside its keys.
      expect(loadedEntities * 120 + verifiedEntities * 1_280).toBeLessThanOrEqual(
        memoryMb * 1_000_000 + 2_800,
      );
    }
    expect(workSizes(512).loadedEntities).toBeGreaterThan(workSizes(256).loadedEntities);
  });

  test('is what 256 megabytes hold, when nothing is said', () => {
    expect(workSizes()).toEqual(workSizes(256));
  });
});
