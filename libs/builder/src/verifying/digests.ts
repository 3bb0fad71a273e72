/** How many buckets entities are spread over: few enough to keep, enough that a bucket that differs is soon looked through. */
export const bucketCount = 4_096;

/**
 * A digest of rows per bucket of entities. The order of rows does not matter, so both sides come as they are read. 64 bits
 * each, and how many: made to find mistakes, not to withstand somebody who forges.
 */
export class Digests {
  private readonly counts = new Int32Array(bucketCount);
  private readonly low = new Uint32Array(bucketCount);
  private readonly high = new Uint32Array(bucketCount);

  add(entity: string, key: string, text: string): void {
    const bucket = bucketOf(entity);
    const [low, high] = hashOf(`${entity}\u0000${key}\u0000${text}`);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.low[bucket] = (this.low[bucket] ?? 0) + low;
    this.high[bucket] = (this.high[bucket] ?? 0) + high;
  }

  /** Buckets whose rows are not the same. */
  differing(other: Digests): number[] {
    const found: number[] = [];
    for (let bucket = 0; bucket < bucketCount; bucket += 1)
      if (
        this.counts[bucket] !== other.counts[bucket] ||
        this.low[bucket] !== other.low[bucket] ||
        this.high[bucket] !== other.high[bucket]
      )
        found.push(bucket);
    return found;
  }
}

/**
 * Two lanes of 32 bits over the code units, each multiplied by a constant of its own and spread at the end as MurmurHash3 does.
 * A quarter of what MD5 takes, and a check hashes every row twice.
 */
function hashOf(text: string): readonly [low: number, high: number] {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x5bd1e995);
    high ^= high >>> 15;
  }
  return [spread(low), spread(high ^ low)];
}

function spread(lane: number): number {
  const once = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

/** FNV-1a over the code units. */
export function bucketOf(entity: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < entity.length; at += 1) sum = Math.imul(sum ^ entity.charCodeAt(at), 0x01000193);
  return (sum >>> 0) % bucketCount;
}
