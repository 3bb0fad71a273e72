export type { estypes } from '@elastic/elasticsearch';
export { attempt, type FailureCode } from './failures.js';
export { defaultLimits, type BulkLimits } from './bulk.js';
export { rowField, rowFilter, type ElasticsearchLayout } from './layout.js';
export { ElasticsearchViewStore, type ElasticsearchViewStoreOptions } from './store.js';
