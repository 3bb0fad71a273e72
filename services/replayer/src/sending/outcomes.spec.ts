import { describe, expect, test } from '@jest/globals';
import { parseOutcome } from './outcomes.js';

describe('an outcome line', () => {
  test('says what became of a command', () => {
    expect(
      parseOutcome('{"line":1,"id":"a","outcome":"accepted","key":"UA","version":1,"repeated":true}'),
    ).toEqual({
      outcome: 'accepted',
      id: 'a',
      repeated: true,
      reason: '',
    });
    expect(parseOutcome('{"outcome":"refused","problem":{"status":404,"code":"c","detail":"d"}}')).toEqual({
      outcome: 'refused',
      id: '',
      repeated: false,
      reason: 'c: d',
    });
    expect(parseOutcome('{"outcome":"stopped","fromLine":1,"problem":{"code":"c","detail":"d"}}')).toEqual({
      outcome: 'stopped',
      reason: 'c: d',
    });
  });

  test.each(['null', '{}', '{"outcome":"lost"}', '[]'])('is not %s', (line) => {
    expect(() => parseOutcome(line)).toThrow('not an outcome');
  });
});
