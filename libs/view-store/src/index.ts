export { MemoryGeneration, MemoryViewStore } from './memory.js';
export type { ApplyOutcome, Claim, GenerationStore, StoredItem, ViewBatch, ViewStore } from './port.js';
