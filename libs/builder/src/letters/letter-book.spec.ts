import { describe, expect, test } from '@jest/globals';
import { closed, isSuperseded, newLetter } from './letter.js';
import { Letters } from './letter-book.js';

const letter = (offset: number, key = `k${offset}`) =>
  newLetter(
    {
      partition: 't/0',
      offset: BigInt(offset),
      key,
      entityVersion: offset,
      value: new Uint8Array(10),
      code: 'projection-failed',
      cause: 'wrong',
      status: 'open',
    },
    { view: 'board', generation: 1, nowMs: 0, appliedVersion: 0, decoded: null },
  );
const discarded = { status: 'discarded', nowMs: 1, by: 'ann', reason: 'not needed' } as const;

describe('the letters of a generation', () => {
  test('are found by entity, in the order of their offsets, as long as they are open', () => {
    const letters = new Letters();
    for (const one of [letter(7, 'a'), letter(3, 'a'), letter(5, 'b')]) letters.take(one);
    expect(letters.unclosedOf('t/0', 'a').map(({ offset }) => offset)).toEqual([3, 7]);
    letters.take(closed(letter(3, 'a'), discarded));
    expect(letters.unclosedOf('t/0', 'a').map(({ offset }) => offset)).toEqual([7]);
    expect(letters.unclosedIn('t/0').map(({ offset }) => offset)).toEqual([5, 7]);
    expect(letters.unclosedOf('t/1', 'a')).toEqual([]);
  });

  test('are bounded by number and by bytes; those that are open already need no room', () => {
    const few = new Letters({ maxOpen: 2, maxBytes: 1_000 });
    few.take(letter(1));
    few.requireRoom([letter(1), letter(2)]);
    expect(() => {
      few.requireRoom([letter(2), letter(3)]);
    }).toThrow(expect.objectContaining({ code: 'too-many-dead-letters', decision: 'retry' }));
    few.requireRoom([closed(letter(2), discarded), closed(letter(3), discarded)]);
    const small = new Letters({ maxOpen: 100, maxBytes: 15 });
    small.take(letter(1));
    expect(() => {
      small.requireRoom([letter(2)]);
    }).toThrow(/20 bytes/);
  });
});

test('a letter is superseded by its own version or a newer one; without a version by any that came after it', () => {
  expect(isSuperseded({ entityVersion: 3, appliedVersion: 2 }, 2)).toBe(false);
  expect(isSuperseded({ entityVersion: 3, appliedVersion: 2 }, 3)).toBe(true);
  expect(isSuperseded({ entityVersion: null, appliedVersion: 2 }, 2)).toBe(false);
  expect(isSuperseded({ entityVersion: null, appliedVersion: 2 }, 3)).toBe(true);
});
