import { describe, expect, test } from '@jest/globals';
import { Random } from './random.js';

const drawn = (random: Random): number[] => Array.from({ length: 200 }, () => random.between(1, 6));

describe('chances that a seed decides', () => {
  test('the same seed makes the same choices', () => {
    expect(drawn(new Random(7))).toEqual(drawn(new Random(7)));
    expect(drawn(new Random(7))).not.toEqual(drawn(new Random(8)));
  });

  test('both ends are drawn, and nothing beyond them', () => {
    expect([...new Set(drawn(new Random(1)))].toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('what a fork draws does not change what its parent draws', () => {
    const [left, right] = [new Random(3), new Random(3)];
    drawn(left.fork());
    right.fork();
    expect(drawn(left)).toEqual(drawn(right));
  });
});
