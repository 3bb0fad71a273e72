import { describe, expect, test } from '@jest/globals';
import { ProblemException } from '@reprise/service';
import { etagOf, readCondition } from './condition.js';

describe('If-Match', () => {
  test.each([
    ['"7"', [7]],
    [' "7" , "8","9" ', [7, 8, 9]],
    ['*', 'any'],
    ['W/"7"', []],
    ['"7", W/"8"', [7]],
    ['"seven"', []],
    ['"07", "7.0", "-7", ""', []],
    ['"9999999999999999999"', []],
    ['"7",', [7]],
  ])('%s is read', (written, match) => {
    expect(readCondition({ 'if-match': written })).toEqual({ match });
  });

  test.each(['7', '', '"7', '"7" "8"', '"7";"8"', '* , "7"', 'w/"7"', '"a b"'])(
    '%s is refused',
    (written) => {
      expect(() => readCondition({ 'if-match': written })).toThrow(ProblemException);
    },
  );
});

describe('If-None-Match', () => {
  test.each([
    ['*', 'any'],
    ['"7", W/"8"', [7, 8]],
  ])('%s is read', (written, noneMatch) => {
    expect(readCondition({ 'if-none-match': written })).toEqual({ noneMatch });
  });
});

test('both may be given, or neither', () => {
  expect(readCondition({})).toBeUndefined();
  expect(readCondition({ 'if-match': etagOf(7), 'if-none-match': '"8"' })).toEqual({
    match: [7],
    noneMatch: [8],
  });
});
