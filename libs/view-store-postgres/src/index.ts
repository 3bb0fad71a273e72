export {
  quoted,
  type ColumnType,
  type GenerationTables,
  type GroupLayout,
  type PostgresLayout,
  type RowLayout,
} from './layout.js';
export { PostgresViewStore, type PostgresViewStoreOptions } from './store.js';
