export { CodedError, messageOf, type FailureDecision } from './errors.js';
export type { Clock } from './clock.js';
export {
  formatPositions,
  furthest,
  hasReached,
  lagRecords,
  parsePartitionId,
  parsePositions,
  partitionId,
  type Positions,
  type TopicPartition,
} from './position.js';
