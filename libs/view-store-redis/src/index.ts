export type { IndexPlace, RedisLayout } from './layout.js';
export { RedisViewStore, type RangeOptions, type RangeRow, type RedisViewStoreOptions } from './store.js';
