import type { EngineConnections } from '@reprise/infra';
import type { ViewStore } from '@reprise/view-store';
import { ElasticsearchViewStore } from '@reprise/view-store-elasticsearch';
import { PostgresViewStore } from '@reprise/view-store-postgres';
import { RedisViewStore } from '@reprise/view-store-redis';
import { columns, mappings } from './mappings.js';
import { flightRow, type FlightRow } from './row.js';

export const stores = ['postgres', 'redis', 'elasticsearch'] as const;
export type Store = (typeof stores)[number];

const parseRow = (stored: unknown): FlightRow => flightRow.parse(stored);

/** @param url Address of the store's engine. */
export function openStore(store: Store, url: string): ViewStore<FlightRow> {
  switch (store) {
    case 'postgres':
      return new PostgresViewStore({ connectionString: url, layout: { parseRow, rows: { columns } } });
    case 'redis':
      return new RedisViewStore({ url, layout: { parseRow, indexes: () => [] } });
    case 'elasticsearch':
      return new ElasticsearchViewStore({ node: url, layout: { properties: mappings, parseRow } });
  }
}

export function urlOf(store: Store, connections: EngineConnections): string {
  switch (store) {
    case 'postgres':
      return connections.postgresUrl;
    case 'redis':
      return connections.redisUrl;
    case 'elasticsearch':
      return connections.elasticsearchUrl;
  }
}
