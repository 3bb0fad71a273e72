import { describe, expect, test } from '@jest/globals';
import { workSizes } from './work-sizes.js';

describe('what a builder holds at once', () => {
  test('grows with the memory that it is given, and never beyond it', () => {
    for (const memoryMb of [16, 96, 256, 1_024]) {
      const { loadedEntities, verifiedEntities } = workSizes(memoryMb);
      // Two partitions are loaded at once.
      expect(loadedEntities * 2 * 120).toBeLessThanOrEqual(memoryMb * 1_000_000 + 240);
      expect(verifiedEntities).toBeLessThan(loadedEntities);
    }
    expect(workSizes(512).loadedEntities).toBeGreaterThan(workSizes(256).loadedEntities);
  });

  test('by default is plenty; where memory is small, fetches and chunks are too', () => {
    expect(workSizes()).toEqual(workSizes(256));
    const [small, plenty] = [workSizes(96), workSizes()];
    expect(small.fetchBytes * small.partitionsAtOnce).toBeLessThan(
      plenty.fetchBytes * plenty.partitionsAtOnce,
    );
    expect(small.chunkRecords).toBeLessThan(plenty.chunkRecords);
  });
});
