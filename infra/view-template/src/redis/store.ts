import { RedisViewStore } from '@reprise/view-store-redis';
import { templateViewRow, type TemplateViewRow } from '../row.js';

/** All rows: of equal score, so in the order of their keys. */
export const everyRow = 'all';

/** One row alone. */
export function rowOf(faa: string): string {
  return `row:${faa}`;
}

/** @param url Address of the Redis server. */
export function templateViewStore(url: string): RedisViewStore<TemplateViewRow> {
  return new RedisViewStore({
    url,
    layout: {
      parseRow: (stored) => templateViewRow.parse(stored),
      indexes: ({ faa }) => [
        { index: everyRow, score: 0 },
        { index: rowOf(faa), score: 0 },
      ],
    },
  });
}
