export { CommandStore, type CommandStoreOptions } from './command-store.js';
export { defineEntity, type CommandOutcome, type CommandRequest, type EntityType } from './entity.js';
export { OutboxRelay, type OutboxRelayOptions } from './relay.js';
