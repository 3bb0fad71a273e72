import { ElasticsearchViewStore } from '@reprise/view-store-elasticsearch';
import { mappings } from './mappings.js';
import { flightRow, type FlightRow } from './row.js';

/** @param node Base address of the Elasticsearch server. */
export function flightStore(node: string): ElasticsearchViewStore<FlightRow> {
  return new ElasticsearchViewStore({
    node,
    layout: { properties: mappings, parseRow: (stored) => flightRow.parse(stored) },
  });
}
