/** Entities that a builder holds at once, for each of its generations. */
export interface WorkSizes {
  /** Entities whose keys are held while one partition is read backwards: by a bulk load, or by a check. */
  readonly loadedEntities: number;
  /** Entities of which a check holds both sides, beside those keys. */
  readonly verifiedEntities: number;
}

/** Partitions loaded at once by one process: one is read while another one's writes are waited for. */
export const loadLanes = 2;
/** What a key and its version take in memory, about. */
const bytesPerKey = 120;
/** What both sides of an entity take, about. */
const bytesPerVerified = 1_280;

/** Sizes that keep each kind of work within `memoryMb` megabytes, about. */
export function workSizes(memoryMb = 256): WorkSizes {
  const bytes = memoryMb * 1_000_000;
  return {
    loadedEntities: Math.ceil(bytes / bytesPerKey / loadLanes),
    verifiedEntities: Math.ceil(bytes / bytesPerVerified / 2),
  };
}
