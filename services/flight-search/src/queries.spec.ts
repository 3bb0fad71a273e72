import { describe, expect, test } from '@jest/globals';
import { rowFilter } from '@reprise/view-store-elasticsearch';
import { searchRequest } from './queries.js';

const firstPage = { limit: 20, after: undefined };

describe('the request for a search', () => {
  test('without filters asks for rows only, counts all of them, and sorts by departure, then id', () => {
    const request = searchRequest({ sort: 'scheduledDeparture' }, firstPage);
    expect(request.query).toEqual({ bool: { filter: [rowFilter] } });
    expect(request.track_total_hits).toBe(true);
    expect(request.sort).toEqual([
      { 'row.scheduledDeparture': { order: 'asc' } },
      { 'row.flightId': { order: 'asc' } },
    ]);
    expect(request.search_after).toBeUndefined();
  });

  test('turns each parameter into one filter', () => {
    const request = searchRequest(
      {
        q: 'UA 1545',
        carrier: ['AA', 'UA'],
        origin: ['JFK'],
        date: '2013-01-01',
        minDelay: 15,
        sort: 'flightId',
      },
      firstPage,
    );
    expect(request.query?.bool?.filter).toEqual([
      rowFilter,
      { match: { 'row.text': { query: 'UA 1545', operator: 'and' } } },
      { term: { 'row.date': '2013-01-01' } },
      { range: { 'row.departureDelayMinutes': { gte: 15 } } },
      { terms: { 'row.carrier': ['AA', 'UA'] } },
      { terms: { 'row.origin': ['JFK'] } },
    ]);
  });

  test.each([
    ['departureDelayMinutes', 'asc', 2_147_483_647],
    ['-departureDelayMinutes', 'desc', -2_147_483_648],
    ['arrivalDelayMinutes', 'asc', 2_147_483_647],
    ['-arrivalDelayMinutes', 'desc', -2_147_483_648],
  ] as const)('sorted by %s puts flights without a delay last', (sort, order, missing) => {
    const [first] = [searchRequest({ sort }, firstPage).sort].flat();
    expect(first).toEqual({ [`row.${sort.replace('-', '')}`]: { order, missing } });
  });

  test('asks for one flight more than the page, but for none when none is wanted', () => {
    expect(searchRequest({ sort: 'flightId' }, firstPage).size).toBe(21);
    expect(searchRequest({ sort: 'flightId' }, { limit: 0, after: undefined }).size).toBe(0);
  });

  test('goes on after the last flight of the page before', () => {
    expect(searchRequest({ sort: 'flightId' }, { limit: 5, after: ['x'] }).search_after).toEqual(['x']);
  });
});
