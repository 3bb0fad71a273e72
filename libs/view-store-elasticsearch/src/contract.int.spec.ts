import { testConnections } from '@reprise/testing';
import { describeViewStore, parseTestRow } from '@reprise/view-store/contract';
import { ElasticsearchViewStore } from './index.js';

describeViewStore({
  name: 'Elasticsearch',
  make: () => {
    const store = new ElasticsearchViewStore({
      node: testConnections().elasticsearchUrl,
      layout: {
        properties: { name: { type: 'keyword' }, size: { type: 'integer' } },
        parseRow: parseTestRow,
      },
    });
    return Promise.resolve({ store, stop: () => store.stop() });
  },
  capabilities: { groups: false },
  runs: 15,
});
