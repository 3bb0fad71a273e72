import xxhash from 'xxhash-wasm';

const hashes = await xxhash();

/** How many buckets entities are spread over: few enough to keep, enough that a bucket that differs is soon looked through. */
export const bucketCount = 4_096;

/**
 * A digest of rows per bucket of entities. The order of rows does not matter, so both sides come as they are read. 64 bits
 * each, and how many: made to find mistakes, not to withstand somebody who forges.
 */
export class Digests {
  private readonly counts = new Int32Array(bucketCount);
  private readonly sums = new BigUint64Array(bucketCount);

  add(entity: string, key: string, text: string): void {
    const bucket = bucketOf(entity);
    const sum = hashes.h64(`${entity}\u0000${key}\u0000${text}`);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sums[bucket] = (this.sums[bucket] ?? 0n) + sum;
  }

  /** Buckets whose rows are not the same. */
  differing(other: Digests): number[] {
    const found: number[] = [];
    for (let bucket = 0; bucket < bucketCount; bucket += 1)
      if (this.counts[bucket] !== other.counts[bucket] || this.sums[bucket] !== other.sums[bucket])
        found.push(bucket);
    return found;
  }
}

/** FNV-1a over the code units. */
export function bucketOf(entity: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < entity.length; at += 1) sum = Math.imul(sum ^ entity.charCodeAt(at), 0x01000193);
  return (sum >>> 0) % bucketCount;
}
