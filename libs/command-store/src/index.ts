export { CallbackSender, type CallbackSenderOptions } from './callback-sender.js';
export { callbackHeader, signatureOf } from './callback-signature.js';
export type { UniqueRule } from './claim-book.js';
export {
  CommandStore,
  type CommandStoreOptions,
  type OutboxState,
  type Submission,
} from './command-store.js';
export {
  defineEntity,
  partitionsOf,
  type CommandOutcome,
  type CommandRequest,
  type EntityType,
} from './entity.js';
export type { Operation, OperationCallback } from './operation.js';
export { Publications, type PublicationsOptions } from './publications.js';
export { OutboxRelay, type OutboxRelayOptions } from './relay.js';
export { runStoreTool, type StoreToolSetting } from './replay/store-tool.js';
export type { LogFinding, UnsettledEntity } from './replay/fold-records.js';
export type { ReplayProgress } from './replay/log-replay.js';
export { recoverStore, type RecoveryOptions, type ReplayReport } from './replay/recover-store.js';
export { verifyStore, type StoreDifference, type StoreVerification } from './replay/verify-store.js';
export { Sweeper, type SweeperOptions } from './sweeper.js';
export type { VersionCondition, Versions } from './version-condition.js';
