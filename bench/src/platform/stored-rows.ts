import type { StoredItem } from '@reprise/view-store';
import type { FlightRow } from '../views/row.js';

/** The rows of what a generation holds. */
export async function* rowsOf(items: AsyncIterable<StoredItem<FlightRow>>): AsyncGenerator<FlightRow> {
  for await (const item of items) if (item.kind === 'row') yield item.row;
}
