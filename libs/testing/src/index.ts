export { testConnections, uniqueName, type TestConnections } from './connections.js';
