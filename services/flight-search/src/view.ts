export { flightSearch as view } from './definition.js';
export { flightStore as openStore } from './store.js';
