export {
  groupId,
  newestPerEntity,
  planChanges,
  type Contributed,
  type ContributedShare,
  type EntityRecord,
  type ExtremeAddition,
  type GroupAddition,
  type PlannedChanges,
  type ReferenceLinks,
  type ViewChange,
} from './change.js';
export {
  defineHistoryView,
  defineView,
  row,
  share,
  type AnyView,
  type Contribution,
  type Fact,
  type Fold,
  type GroupContribution,
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
export { erase, foldNext, placeOf, type FactPlace, type Folded } from './fold.js';
export {
  projector,
  reference,
  referenceId,
  referenceStreams,
  stateFields,
  type LookUp,
  type Projector,
} from './reference.js';
