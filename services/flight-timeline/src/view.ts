export { flightTimeline as view } from './definition.js';
export { timelineStore as openStore } from './store.js';
