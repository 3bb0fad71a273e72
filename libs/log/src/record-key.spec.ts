import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partitionOf } from './partitioner.js';
import { entityOf, recordKey } from './record-key.js';

const key = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000'));

test('every event of a history has a record key of its own, in the partition of its entity', () => {
  fc.assert(
    fc.property(fc.tuple(key, key), fc.tuple(fc.nat(), fc.nat()), ([one, other], [first, second]) => {
      expect(entityOf(recordKey(one, first))).toBe(one);
      expect(entityOf(recordKey(one, undefined))).toBe(one);
      const isSame = one === other && first === second;
      expect(recordKey(one, first) === recordKey(other, second)).toBe(isSame);
      expect(partitionOf(recordKey(one, first), 6)).toBe(partitionOf(one, 6));
    }),
  );
});
