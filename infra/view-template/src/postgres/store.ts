import { PostgresViewStore } from '@reprise/view-store-postgres';
import { templateViewRow, type TemplateViewRow } from '../row.js';

/** @param connectionString Postgres database of this view alone. */
export function templateViewStore(connectionString: string): PostgresViewStore<TemplateViewRow> {
  return new PostgresViewStore({
    connectionString,
    layout: { parseRow: (stored) => templateViewRow.parse(stored) },
  });
}
