export {
  groupId,
  newestPerEntity,
  planChanges,
  type Contributed,
  type EntityRecord,
  type PlannedChanges,
  type ViewChange,
} from './change.js';
export {
  defineView,
  row,
  share,
  type AnyView,
  type Contribution,
  type GroupKey,
  type Measures,
  type ViewDefinition,
} from './definition.js';
export {
  canBecome,
  consumerGroup,
  generationName,
  generationStatuses,
  isFed,
  parseStatus,
  type GenerationStatus,
} from './generation.js';
