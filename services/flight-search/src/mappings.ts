import { rowField, type ElasticsearchLayout } from '@reprise/view-store-elasticsearch';

const searchable = { copy_to: [rowField('text')] };

/**
 * How a flight lies in Elasticsearch. `text` is no field of the row: the server fills it for free-text search, and its
 * analysis splits at spaces and hyphens. So both `UA1545` (from the flight's id) and `UA 1545` (carrier and number) match.
 */
export const mappings: ElasticsearchLayout<unknown>['properties'] = {
  flightId: { type: 'keyword', ...searchable },
  carrier: { type: 'keyword', ...searchable },
  number: { type: 'integer', ...searchable },
  origin: { type: 'keyword', ...searchable },
  destination: { type: 'keyword', ...searchable },
  date: { type: 'keyword' },
  scheduledDeparture: { type: 'long' },
  scheduledArrival: { type: 'long' },
  status: { type: 'keyword', ...searchable },
  tailnum: { type: 'keyword', ...searchable },
  departureDelayMinutes: { type: 'integer' },
  arrivalDelayMinutes: { type: 'integer' },
  distanceMiles: { type: 'integer' },
  airlineName: { type: 'keyword', ...searchable },
  originName: { type: 'keyword', ...searchable },
  destinationName: { type: 'keyword', ...searchable },
  aircraftManufacturer: { type: 'keyword', ...searchable },
  aircraftModel: { type: 'keyword', ...searchable },
  aircraftSeats: { type: 'integer' },
  text: { type: 'text', analyzer: 'standard' },
};
