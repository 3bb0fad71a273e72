/** What a builder holds at once, for each of its generations. */
export interface WorkSizes {
  /** Entities whose keys a bulk load of one partition holds. */
  readonly loadedEntities: number;
  /** Entities of which a check holds both sides. */
  readonly verifiedEntities: number;
  /** Most records of a chunk. */
  readonly chunkRecords: number;
  /** Partitions whose fetches are worked on at the same time. */
  readonly partitionsAtOnce: number;
  /** Most bytes of one partition in a fetch, as the log has them. */
  readonly fetchBytes: number;
}

/** Partitions loaded at once by one process: one is read while another one's writes are waited for. */
export const loadLanes = 2;
/** What a key and its version take in memory, about. */
const bytesPerKey = 120;
/** What both sides of an entity take, about. */
const bytesPerVerified = 1_280;
/** From here on fetches and chunks are as large as they are of use. */
const plentyMb = 192;

/**
 * Sizes that keep each kind of work within `memoryMb` megabytes, about. Small fetches and chunks are slower by a tenth where
 * there is memory, and faster where there is none, as less of it is collected again and again.
 */
export function workSizes(memoryMb = 256): WorkSizes {
  const bytes = memoryMb * 1_000_000;
  const feeding =
    memoryMb >= plentyMb
      ? { chunkRecords: 5_000, partitionsAtOnce: 6, fetchBytes: 4 << 20 }
      : { chunkRecords: 2_000, partitionsAtOnce: 3, fetchBytes: 1 << 20 };
  return {
    loadedEntities: Math.ceil(bytes / bytesPerKey / loadLanes),
    verifiedEntities: Math.ceil(bytes / bytesPerVerified),
    ...feeding,
  };
}
