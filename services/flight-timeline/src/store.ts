import { PostgresViewStore } from '@reprise/view-store-postgres';
import { timelineRow, type TimelineRow } from './row.js';

/** @param connectionString Postgres database of this view alone. */
export function timelineStore(connectionString: string): PostgresViewStore<TimelineRow> {
  return new PostgresViewStore({
    connectionString,
    layout: { parseRow: (stored) => timelineRow.parse(stored) },
  });
}
