import { ElasticsearchViewStore } from '@reprise/view-store-elasticsearch';
import { templateViewRow, type TemplateViewRow } from '../row.js';

/** @param node Base address of the Elasticsearch server. */
export function templateViewStore(node: string): ElasticsearchViewStore<TemplateViewRow> {
  return new ElasticsearchViewStore({
    node,
    layout: {
      parseRow: (stored) => templateViewRow.parse(stored),
      // Every field of a row must be named here.
      properties: {
        // <properties>
        faa: { type: 'keyword' },
        name: { type: 'keyword' },
        latitude: { type: 'double' },
        longitude: { type: 'double' },
        altitudeFeet: { type: 'integer' },
        timeZone: { type: 'keyword' },
        // </properties>
      },
    },
  });
}
