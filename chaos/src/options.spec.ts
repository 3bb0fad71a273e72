import { describe, expect, test } from '@jest/globals';
import { readOptions } from './options.js';

describe('the options of a chaos run', () => {
  test('a run lasts ten minutes unless said otherwise, with a seed of its own', () => {
    const { minutes, seed, keep } = readOptions([]);
    expect({ minutes, keep }).toEqual({ minutes: 10, keep: false });
    expect(Number.isInteger(seed)).toBe(true);
  });

  test('they are taken as given', () => {
    expect(readOptions(['--minutes=0.5', '--seed=4', '--port-base=28000', '--keep'])).toEqual({
      minutes: 0.5,
      seed: 4,
      portBase: 28_000,
      keep: true,
    });
  });

  test.each(['--minutes=0', '--minutes=soon', '--seed=1.5', '--port-base=80', '--speed=1'])(
    '%s is refused',
    (option) => {
      expect(() => readOptions([option])).toThrow();
    },
  );
});
