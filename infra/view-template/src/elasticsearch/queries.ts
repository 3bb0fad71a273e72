import {
  attempt,
  rowField,
  rowFilter,
  type ElasticsearchViewStore,
  type estypes,
} from '@reprise/view-store-elasticsearch';
import { z } from 'zod';
import { pageOf, type Page, type PageParameters } from '../page.js';
import { templateViewRow, type TemplateViewRow } from '../row.js';

const stored = z
  .object({ _source: z.object({ row: templateViewRow }) })
  .transform(({ _source }) => _source.row);
const key = rowField('faa');

/** What can be asked of a generation of the view. Failures of the server are CodedErrors. */
export class TemplateViewQueries {
  constructor(private readonly store: Pick<ElasticsearchViewStore<TemplateViewRow>, 'client' | 'row'>) {}

  async page(generation: string, { limit, cursor }: PageParameters): Promise<Page> {
    const filter = [rowFilter, { range: { [key]: { gt: cursor } } }];
    return pageOf(await this.search(generation, { filter, size: limit + 1 }), limit);
  }

  /** Undefined when there is no such row. */
  find(generation: string, faa: string): Promise<TemplateViewRow | undefined> {
    return this.store.row(generation, faa);
  }

  private async search(
    generation: string,
    { filter, size }: { filter: estypes.QueryDslQueryContainer[]; size: number },
  ): Promise<TemplateViewRow[]> {
    const answer = await attempt(`searching ${generation}`, () =>
      this.store.client.search({
        index: generation,
        query: { bool: { filter } },
        sort: [{ [key]: 'asc' }],
        size,
        _source: ['row'],
        allow_partial_search_results: false,
      }),
    );
    return z.array(stored).parse(answer.hits.hits);
  }
}
