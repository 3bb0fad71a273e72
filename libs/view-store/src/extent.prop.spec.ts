import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { extended, type Extent } from './extent.js';

const values = fc.array(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), {
  minLength: 1,
  maxLength: 8,
});
const extentOf = (some: readonly number[]): Extent | undefined =>
  some.reduce<Extent | undefined>((known, value) => extended(known, value), undefined);

test('an extent is the same whatever the order, and whether equal values come one by one or counted', () => {
  fc.assert(
    fc.property(values, (some) => {
      const counts = Map.groupBy(some, (value) => value);
      let counted: Extent | undefined;
      for (const [value, all] of counts) counted = extended(counted, value, all.length);
      expect(counted).toEqual(extentOf(some));
      expect(extentOf(some.toReversed())).toEqual(extentOf(some));
    }),
  );
});

test('one value that is another one, missing or too many makes another extent', () => {
  fc.assert(
    fc.property(values, fc.nat(7), fc.integer({ min: 1, max: 1_000 }), (some, at, by) => {
      const place = at % some.length;
      expect(extentOf(some.with(place, (some[place] ?? 0) + by))).not.toEqual(extentOf(some));
      expect(extentOf(some.toSpliced(place, 1))).not.toEqual(extentOf(some));
      expect(extentOf([...some, some[place] ?? 0])).not.toEqual(extentOf(some));
    }),
  );
});
