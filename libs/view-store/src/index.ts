export { MemoryGeneration, MemoryViewStore } from './memory.js';
export {
  shownPositions,
  sourcePositions,
  type ApplyOutcome,
  type Checkpoint,
  type Claim,
  type DependentsQuery,
  type Extent,
  type GenerationStore,
  type StoredItem,
  type ViewBatch,
  type ViewStore,
} from './port.js';
