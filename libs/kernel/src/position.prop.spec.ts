import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  formatPositions,
  furthest,
  hasReached,
  lagRecords,
  parsePartitionId,
  parsePositions,
  partitionId,
  type Positions,
} from './position.js';

const topic = fc.stringMatching(/^[a-zA-Z0-9._-]{1,12}$/);
const id = fc.record({ topic, partition: fc.nat({ max: 5_000 }) });
const offset = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const anyPositions: fc.Arbitrary<Positions> = fc
  .array(fc.tuple(id.map(partitionId), offset), { maxLength: 6 })
  .map((pairs) => new Map(pairs));
/** Few partitions and small offsets, so that two of them meet. */
const meeting: fc.Arbitrary<Positions> = fc
  .array(fc.tuple(fc.constantFrom('t/0', 't/1', 'u/0'), fc.bigInt({ min: 0n, max: 4n })), { maxLength: 3 })
  .map((pairs) => new Map(pairs));

describe('positions', () => {
  test('a partition id is read back as it was written', () => {
    fc.assert(
      fc.property(id, (partition) => {
        expect(parsePartitionId(partitionId(partition))).toEqual(partition);
      }),
    );
  });

  test('positions are read back as they were written, up to the largest offset', () => {
    fc.assert(
      fc.property(anyPositions, (positions) => {
        expect(parsePositions(formatPositions(positions))).toEqual(positions);
      }),
    );
  });

  test('equal positions are written alike, whatever the order of their partitions', () => {
    fc.assert(
      fc.property(anyPositions, (positions) => {
        expect(formatPositions(new Map([...positions].reverse()))).toBe(formatPositions(positions));
      }),
    );
  });

  test('a text is refused with a RangeError or means positions, never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z/:,0-9 -]*$/)), (text) => {
        let parsed: Positions | undefined;
        try {
          parsed = parsePositions(text);
        } catch (refusal) {
          expect(refusal).toBeInstanceOf(RangeError);
        }
        if (parsed) expect(parsePositions(formatPositions(parsed))).toEqual(parsed);
      }),
    );
  });

  test.each(['t', 't/', '/0', 't/-1', 't/0x', 'a/b/0'])('"%s" is no partition id', (text) => {
    expect(() => parsePartitionId(text)).toThrow(RangeError);
  });

  test.each(['t/0', 't/0:', 't/0:-1', 't/0:1:2', 't/0:99999999999999999999', 't/0:1;u/0:1'])(
    '"%s" is no position',
    (text) => {
      expect(() => parsePositions(text)).toThrow(RangeError);
    },
  );
});

describe('the order of positions', () => {
  test('everything has reached itself and the beginning', () => {
    fc.assert(
      fc.property(anyPositions, (positions) => {
        expect(hasReached(positions, positions)).toBe(true);
        expect(hasReached(positions, new Map())).toBe(true);
      }),
    );
  });

  test('having reached is handed on', () => {
    fc.assert(
      fc.property(meeting, meeting, meeting, (first, second, third) => {
        fc.pre(hasReached(third, second) && hasReached(second, first));
        expect(hasReached(third, first)).toBe(true);
      }),
    );
  });

  test('the furthest of two has reached both, and nothing less has', () => {
    fc.assert(
      fc.property(meeting, meeting, meeting, (left, right, other) => {
        const both = furthest(left, right);
        expect(hasReached(both, left) && hasReached(both, right)).toBe(true);
        expect(hasReached(other, both)).toBe(hasReached(other, left) && hasReached(other, right));
      }),
    );
  });

  test('there is no lag exactly when the end is reached', () => {
    fc.assert(
      fc.property(meeting, meeting, (applied, end) => {
        expect(lagRecords(applied, end) === 0n).toBe(hasReached(applied, end));
        expect(lagRecords(applied, end)).toBeGreaterThanOrEqual(0n);
      }),
    );
  });

  test('being ahead in one partition does not hide being behind in another', () => {
    const ahead = new Map([
      ['t/0', 100n],
      ['t/1', 1n],
    ]);
    expect(
      lagRecords(
        ahead,
        new Map([
          ['t/0', 3n],
          ['t/1', 4n],
        ]),
      ),
    ).toBe(3n);
  });

  test('a partition never heard of stands at 0', () => {
    expect(hasReached(new Map(), new Map([['t/0', 0n]]))).toBe(true);
    expect(hasReached(new Map(), new Map([['t/0', 1n]]))).toBe(false);
    expect(lagRecords(new Map(), new Map([['t/0', 7n]]))).toBe(7n);
  });
});
