import type { RedisViewStore } from '@reprise/view-store-redis';
import { pageOf, type Page, type PageParameters } from '../page.js';
import type { TemplateViewRow } from '../row.js';
import { everyRow, rowOf } from './store.js';

/** What can be asked of a generation of the view. */
export class TemplateViewQueries {
  constructor(private readonly store: RedisViewStore<TemplateViewRow>) {}

  async page(generation: string, { limit, cursor }: PageParameters): Promise<Page> {
    const found = await this.store.range(generation, {
      index: everyRow,
      min: 0,
      max: 0,
      limit: limit + 1,
      after: cursor === '' ? undefined : { entity: cursor, key: cursor },
    });
    return pageOf(
      found.map(({ row }) => row),
      limit,
    );
  }

  /** Undefined when there is no such row. */
  async find(generation: string, faa: string): Promise<TemplateViewRow | undefined> {
    const found = await this.store.range(generation, { index: rowOf(faa), min: 0, max: 0, limit: 1 });
    return found[0]?.row;
  }
}
