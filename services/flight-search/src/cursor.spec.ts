import { describe, expect, test } from '@jest/globals';
import { readCursor, writeCursor } from './cursor.js';
import { searchParameters, type Search } from './parameters.js';

function search(parameters: Record<string, string> = {}): Search {
  return searchParameters.omit({ limit: true, cursor: true }).parse(parameters);
}

describe('a cursor', () => {
  test('gives back where the page ended, for the same search', () => {
    const cursor = writeCursor(search({ carrier: 'UA,AA' }), [1_357_035_300_000, '2013-01-01-UA1545-EWR']);
    expect(readCursor(search({ carrier: 'AA,UA' }), cursor)).toEqual([
      1_357_035_300_000,
      '2013-01-01-UA1545-EWR',
    ]);
  });

  test.each([
    { q: 'ewr' },
    { carrier: 'AA' },
    { origin: 'UA1' },
    { date: '2013-01-01' },
    { status: 'arrived' },
    { minDelay: '0' },
    { sort: '-scheduledDeparture' },
  ])('is refused under other filters or another sort: %j', (other: Record<string, string>) => {
    expect(readCursor(search(other), writeCursor(search(), [1, 'a']))).toBeUndefined();
  });

  test.each(['x', '%%%', 'bnVsbA', Buffer.from('["a"]').toString('base64url')])(
    'is refused when made up: %s',
    (text) => {
      expect(readCursor(search(), text)).toBeUndefined();
    },
  );

  test('is refused when its values do not fit the sort', () => {
    const byId = search({ sort: 'flightId' });
    expect(readCursor(byId, writeCursor(byId, ['a']))).toEqual(['a']);
    expect(readCursor(byId, writeCursor(byId, [1, 'a']))).toBeUndefined();
    expect(readCursor(search(), writeCursor(search(), ['a', 'b']))).toBeUndefined();
  });
});
