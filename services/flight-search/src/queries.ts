import { rowField, rowFilter, type estypes } from '@reprise/view-store-elasticsearch';
import type { After } from './cursor.js';
import type { Search, SortOrder } from './parameters.js';

export const facetFields = ['carrier', 'origin', 'destination', 'status'] as const;
export type FacetField = (typeof facetFields)[number];

/** More values than any facet has: there are about 1,500 airports. */
const facetSize = 10_000;

/** The request for one page. Asks for one flight more than the page holds, to tell whether another page follows. */
export function searchRequest(
  search: Search,
  page: { limit: number; after: After | undefined },
): estypes.SearchRequest {
  const { limit, after } = page;
  return {
    query: { bool: { filter: filters(search) } },
    sort: sorting(search.sort),
    size: limit === 0 ? 0 : limit + 1,
    track_total_hits: true,
    aggs: Object.fromEntries(
      facetFields.map((field) => [field, { terms: { field: rowField(field), size: facetSize } }]),
    ),
    _source: ['row'],
    ...(after && { search_after: [...after] }),
  };
}

function filters({ q, date, minDelay, ...values }: Search): estypes.QueryDslQueryContainer[] {
  const found: estypes.QueryDslQueryContainer[] = [rowFilter];
  if (q !== undefined) found.push({ match: { [rowField('text')]: { query: q, operator: 'and' } } });
  if (date !== undefined) found.push({ term: { [rowField('date')]: date } });
  if (minDelay !== undefined)
    found.push({ range: { [rowField('departureDelayMinutes')]: { gte: minDelay } } });
  for (const field of facetFields) {
    const wanted = values[field];
    if (wanted !== undefined) found.push({ terms: { [rowField(field)]: wanted } });
  }
  return found;
}

/**
 * What stands for a missing value, so that it sorts last. Left to the server it hangs on the field's type, and for 64-bit
 * fields it is a number that JavaScript rounds on its way through a cursor.
 */
const missing = { asc: 2 ** 31 - 1, desc: -(2 ** 31) };

function sorting(order: SortOrder): estypes.SortCombinations[] {
  const byId = { [rowField('flightId')]: { order: 'asc' as const } };
  if (order === 'flightId') return [byId];
  const direction = order.startsWith('-') ? 'desc' : 'asc';
  const field = rowField(order.replace('-', ''));
  const isRequired = order.endsWith('scheduledDeparture');
  return [{ [field]: { order: direction, ...(isRequired ? {} : { missing: missing[direction] }) } }, byId];
}
