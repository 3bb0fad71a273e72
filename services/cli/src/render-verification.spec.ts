import { describe, expect, test } from '@jest/globals';
import { checked, told } from '../test/told.js';
import { concludedCheck, isRight, renderFlips, renderVerification } from './render-verification.js';

const sample = { kind: 'row', entity: 'UA1', key: 'UA1', expected: '{"delay":5}', actual: null };

describe('what a check came to', () => {
  test('is said in one line when all is well', () => {
    expect(renderVerification('flight_search_g2', checked())).toBe(
      'flight_search_g2 is what the log says: 1,500 entities checked, no differences',
    );
  });

  test('shows the keys that differ, with what they must be and what they are', () => {
    const found = checked({ differences: 3, repaired: 1, samples: [sample] });
    expect(renderVerification('flight_search_g2', found).split('\n')).toEqual([
      'flight_search_g2 differs from the log: 1,500 entities checked, 3 differences, 1 repaired',
      'KIND  KEY  EXPECTED     ACTUAL',
      'row   UA1  {"delay":5}  nothing',
      'the first 1 of 3',
    ]);
  });

  test('of two generations names both', () => {
    const found = checked({ against: 1, differences: 1, samples: [sample] });
    expect(renderVerification('flight_search_g2', found)).toMatch(
      /differs from generation 1: .*\nKIND +KEY +G1 +FLIGHT_SEARCH_G2\n/,
    );
  });

  test('is no result when it was not carried through', () => {
    const found = checked({ problem: 'no disk' });
    expect(renderVerification('flight_search_g2', found)).toContain(
      'could not be compared with the log: no disk',
    );
  });

  test('is right only when nothing is left that differs', () => {
    expect(isRight(checked())).toBe(true);
    expect(isRight(checked({ differences: 2, repaired: 2 }))).toBe(true);
    expect(isRight(checked({ differences: 2, repaired: 1 }))).toBe(false);
    expect(isRight(checked({ problem: 'no disk' }))).toBe(false);
  });

  test('belongs to the check that was asked for, once it is over', () => {
    expect(concludedCheck(told('live', { verification: checked({ id: 2 }) }), 2)).toMatchObject({ id: 2 });
    expect(concludedCheck(told('live', { verification: checked({ id: 3 }) }), 2)).toBeUndefined();
    const running = checked({ id: 2, concludedAt: null });
    expect(concludedCheck(told('live', { verification: running }), 2)).toBeUndefined();
  });
});

test('the history tells who made what live', () => {
  const flips = [
    { kind: 'flip', from: null, to: 1, at: 0, by: 'control-plane', forced: false, note: null },
    { kind: 'rollback', from: 2, to: 1, at: 1_000, by: 'ann', forced: false, note: null },
    { kind: 'flip', from: 1, to: 2, at: 2_000, by: 'bob', forced: true, note: 'wanted so' },
  ];
  expect(renderFlips({ flips })).toMatch(
    /1970-01-01T00:00:00.000Z +flip +- +1 +control-plane\n1970-01-01T00:00:01.000Z +rollback +2 +1 +ann\n1970-01-01T00:00:02.000Z +flip, forced +1 +2 +bob +wanted so$/,
  );
  expect(renderFlips({ flips: [] })).toBe('Nothing has gone live yet.');
});
