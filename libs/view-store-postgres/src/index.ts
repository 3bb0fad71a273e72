export { quoted, type GenerationTables, type GroupLayout, type PostgresLayout } from './layout.js';
export { PostgresViewStore, type PostgresViewStoreOptions } from './store.js';
