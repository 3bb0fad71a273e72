import type { PostgresViewStore } from '@reprise/view-store-postgres';
import { z } from 'zod';
import { pageOf, type Page, type PageParameters } from '../page.js';
import { templateViewRow, type TemplateViewRow } from '../row.js';

const stored = z.object({ content: templateViewRow }).transform(({ content }) => content);

/** What can be asked of a generation of the view. */
export class TemplateViewQueries {
  constructor(private readonly store: PostgresViewStore<TemplateViewRow>) {}

  async page(generation: string, { limit, cursor }: PageParameters): Promise<Page> {
    const { rows } = this.store.tables(generation);
    const found = await this.store.query(
      `SELECT content FROM ${rows} WHERE entity > $1 ORDER BY entity LIMIT $2`,
      [cursor, limit + 1],
    );
    return pageOf(z.array(stored).parse(found), limit);
  }

  /** Undefined when there is no such row. */
  async find(generation: string, faa: string): Promise<TemplateViewRow | undefined> {
    const { rows } = this.store.tables(generation);
    const found = await this.store.query(`SELECT content FROM ${rows} WHERE entity = $1 AND key = $1`, [faa]);
    return z.array(stored).parse(found)[0];
  }
}
