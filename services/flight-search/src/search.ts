import { attempt, type ElasticsearchViewStore, type estypes } from '@reprise/view-store-elasticsearch';
import { z } from 'zod';
import { writeCursor, type After } from './cursor.js';
import type { Search } from './parameters.js';
import { facetFields, searchRequest, type FacetField } from './queries.js';
import { flightRow, shown, shownFlight, type FlightRow, type ShownFlight } from './row.js';

const counts = z.record(z.string(), z.int().min(0));

/** One page of a search. */
export const flightPage = z.object({
  total: z.int().min(0).describe('All flights that match, exactly'),
  hits: z.array(shownFlight),
  facets: z
    .object({ carrier: counts, origin: counts, destination: counts, status: counts })
    .describe('How many of all matches have each value; most frequent first'),
  cursor: z.string().nullable().describe('For the next page; null when there is none'),
});
export type FlightPage = z.infer<typeof flightPage>;

const storedHit = z.object({
  _source: z.object({ row: flightRow }),
  sort: z.array(z.union([z.string(), z.number()])).optional(),
});
const bucketList = z.object({ buckets: z.array(z.object({ key: z.string(), doc_count: z.int() })) });
const totalHits = z.object({ value: z.int() });

/** Searches one generation of the view. Failures of the server are CodedErrors. */
export class FlightSearch {
  constructor(private readonly store: Pick<ElasticsearchViewStore<FlightRow>, 'client' | 'row'>) {}

  async search(
    generation: string,
    search: Search,
    page: { limit: number; after: After | undefined },
  ): Promise<FlightPage> {
    const answer = await this.ask(generation, searchRequest(search, page));
    const found = z.array(storedHit).parse(answer.hits.hits);
    const hits = found.slice(0, page.limit);
    const last = found.length > hits.length ? hits.at(-1)?.sort : undefined;
    return {
      total: totalHits.parse(answer.hits.total).value,
      hits: hits.map(({ _source }) => shown(_source.row)),
      facets: facets(answer.aggregations),
      cursor: last ? writeCursor(search, last) : null,
    };
  }

  async find(generation: string, flightId: string): Promise<ShownFlight | undefined> {
    const row = await this.store.row(generation, flightId);
    return row && shown(row);
  }

  private ask(generation: string, request: estypes.SearchRequest): Promise<estypes.SearchResponse> {
    return attempt(`searching ${generation}`, () =>
      this.store.client.search({
        ...request,
        index: generation,
        allow_partial_search_results: false,
      }),
    );
  }
}

function facets(aggregations: unknown): FlightPage['facets'] {
  const answered = z.record(z.enum(facetFields), bucketList).parse(aggregations);
  const countsOf = (field: FacetField): Record<string, number> =>
    Object.fromEntries(answered[field].buckets.map(({ key, doc_count: count }) => [key, count]));
  return {
    carrier: countsOf('carrier'),
    origin: countsOf('origin'),
    destination: countsOf('destination'),
    status: countsOf('status'),
  };
}
