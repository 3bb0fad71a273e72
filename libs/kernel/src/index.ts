export { CodedError, callsFor, messageOf, type FailureDecision } from './errors.js';
export type { Clock } from './clock.js';
export {
  noMetrics,
  type Counter,
  type Histogram,
  type HistogramShape,
  type Labels,
  type Metrics,
  type MetricShape,
  type Read,
  type Reading,
} from './metrics.js';
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
