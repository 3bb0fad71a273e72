export { addressProblem, openAddress, type StoreAddress, type StoreKind } from './address.js';
export { extended, markModulus, markShift, type Extent } from './extent.js';
export { MemoryGeneration, MemoryViewStore } from './memory.js';
export {
  boundPositions,
  checkpointAfter,
  loadToBegin,
  partitionsLoading,
  shownPositions,
  sourcePositions,
  type ApplyOutcome,
  type Checkpoint,
  type Claim,
  type DependentsQuery,
  type GenerationScan,
  type GenerationStore,
  type ScannedItem,
  type LoadBatch,
  type StoredItem,
  type ViewBatch,
  type ViewStore,
} from './port.js';
