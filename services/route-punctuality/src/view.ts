export { routePunctuality as view } from './definition.js';
export { punctualityStore as openStore } from './store.js';
