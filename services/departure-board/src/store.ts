import { RedisViewStore } from '@reprise/view-store-redis';
import { boardRow, type BoardRow } from './row.js';

/** The departures of an airport, by time. */
export function boardIndex(airport: string): string {
  return `departures:${airport}`;
}

/** @param url Address of the Redis server. */
export function boardStore(url: string): RedisViewStore<BoardRow> {
  return new RedisViewStore({
    url,
    layout: {
      parseRow: (stored) => boardRow.parse(stored),
      indexes: ({ origin, scheduledDeparture }) => [{ index: boardIndex(origin), score: scheduledDeparture }],
    },
  });
}
