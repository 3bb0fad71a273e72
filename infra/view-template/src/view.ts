export { templateView as view } from './definition.js';
export { templateViewStore as openStore } from './postgres/store.js';
