import type { ElasticsearchLayout } from '@reprise/view-store-elasticsearch';
import type { RowLayout } from '@reprise/view-store-postgres';
import type { FlightRow } from './row.js';

const [keyword, integer, long] = [{ type: 'keyword' }, { type: 'integer' }, { type: 'long' }] as const;

/** In Elasticsearch: the same for the view and for those who write by hand. */
export const mappings: ElasticsearchLayout<unknown>['properties'] = {
  flightId: keyword,
  date: keyword,
  carrier: keyword,
  number: integer,
  origin: keyword,
  destination: keyword,
  tailnum: keyword,
  scheduledDeparture: long,
  scheduledArrival: long,
  distanceMiles: integer,
  status: keyword,
  departedAt: long,
  arrivedAt: long,
  departureDelayMinutes: integer,
  arrivalDelayMinutes: integer,
};

/** In Postgres: the same. */
export const columns: RowLayout<FlightRow>['columns'] = {
  flightId: 'text',
  date: 'text',
  carrier: 'text',
  number: 'integer',
  origin: 'text',
  destination: 'text',
  tailnum: 'text',
  scheduledDeparture: 'bigint',
  scheduledArrival: 'bigint',
  distanceMiles: 'integer',
  status: 'text',
  departedAt: 'bigint',
  arrivedAt: 'bigint',
  departureDelayMinutes: 'integer',
  arrivalDelayMinutes: 'integer',
};
