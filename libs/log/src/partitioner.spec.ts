import { describe, expect, test } from '@jest/globals';
import { partitionOf } from './partitioner.js';

describe('the partition of a key', () => {
  // What Kafka's own client makes of these keys: its murmur2, without the sign.
  test.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58_897_971],
    ['abc', 479_470_107],
  ])('%s is the one that every other client chooses', (key, hash) => {
    for (const partitions of [1, 2, 3, 4, 6, 12, 100])
      expect(partitionOf(key, partitions)).toBe((hash & 0x7fffffff) % partitions);
  });
});
