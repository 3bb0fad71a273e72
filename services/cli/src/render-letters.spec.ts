import { describe, expect, test } from '@jest/globals';
import type { Letter } from './answers.js';
import { renderLetter, renderLetters, renderOrder } from './render-letters.js';

const letter: Letter = {
  letterId: 'flight_search_g3/flights.flight/2/1001',
  view: 'flight-search',
  generation: 3,
  key: '2013-01-01-UA1545-EWR',
  entityVersion: 4,
  status: 'open',
  code: 'projection-failed',
  cause: 'no such hour',
  attempts: 2,
  parkedAt: 60_000,
  recordBytes: 12,
  decoded: '{"event":"FlightDeparted"}',
  closedBy: null,
  closedReason: null,
};

describe('dead letters', () => {
  test('are a table, which says when there are more', () => {
    const shown = renderLetters({ total: 2, letters: [letter] }, 120_000);
    expect(shown).toContain('flight_search_g3/flights.flight/2/1001  2013-01-01-UA1545-EWR  4');
    expect(shown).toContain('60 s  no such hour');
    expect(shown).toContain('1 of 2; --limit shows more');
    expect(renderLetters({ total: 0, letters: [] }, 0)).toBe('There are no dead letters like that.');
  });

  test('one by one show their record, or how long it is, and who closed them', () => {
    expect(renderLetter(letter, 120_000)).toContain('{"event":"FlightDeparted"}');
    const closed = { ...letter, decoded: null, closedBy: 'ann', closedReason: 'not needed' };
    expect(renderLetter(closed, 120_000)).toContain(
      'closed by ann: not needed\n12 bytes that cannot be decoded',
    );
  });

  test('an order tells what became of each, and a dry run that nothing did', () => {
    const results = [{ letterId: letter.letterId, result: 'redriven', cause: 'asked for' }];
    expect(renderOrder({ dryRun: false, selected: 1, results })).toMatch(
      /redriven {2}asked for\n1 redriven$/,
    );
    expect(renderOrder({ dryRun: true, selected: 1, results })).toContain('nothing was done');
    expect(renderOrder({ dryRun: false, selected: 0, results: [] })).toBe(
      'No open dead letter is like that.',
    );
  });
});
