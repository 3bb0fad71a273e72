import { describe, expect, test } from '@jest/globals';
import { describe as inWords, isSettled, parseDepth, parseLags } from './settle.js';

describe('what is still under way', () => {
  test('is nothing when the outbox is empty and every live view has no lag', () => {
    expect(isSettled({ outbox: 0, lags: new Map([['board', 0]]) })).toBe(true);
    expect(isSettled({ outbox: 1, lags: new Map([['board', 0]]) })).toBe(false);
    expect(isSettled({ outbox: 0, lags: new Map([['board', 1]]) })).toBe(false);
    expect(isSettled({ outbox: 0, lags: new Map([['board', undefined]]) })).toBe(false);
  });

  test('is read from the control plane, as a number or as digits', () => {
    const views = [
      { name: 'a', live: { lagRecords: 7 } },
      { name: 'b', live: { lagRecords: '12' } },
      { name: 'c', live: null },
    ];
    const lags = parseLags({ views });
    expect(lags).toEqual(
      new Map([
        ['a', 7],
        ['b', 12],
        ['c', undefined],
      ]),
    );
    expect(inWords({ outbox: 3, lags })).toBe(
      'outbox 3, a lags by 7, b lags by 12, c has no live generation',
    );
  });

  test.each([[{}], [null], [{ views: 1 }], [{ views: [{}] }]])('is not guessed from %j', (answer) => {
    expect(() => parseLags(answer)).toThrow(TypeError);
    expect(() => parseDepth(answer)).toThrow(TypeError);
  });
});
