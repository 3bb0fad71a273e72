export { departureBoard as view } from './definition.js';
export { boardStore as openStore } from './store.js';
