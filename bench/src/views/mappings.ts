import type { ElasticsearchLayout } from '@reprise/view-store-elasticsearch';

const [keyword, integer, long] = [{ type: 'keyword' }, { type: 'integer' }, { type: 'long' }] as const;

/** The same for the view and for those who write by hand. */
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
