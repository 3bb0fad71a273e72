/** One partition of one topic; `topic` has no `/` (Kafka forbids it). */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The offset that comes next in each partition, by `topic/partition`. A partition that is absent stands at 0. */
export type Positions = ReadonlyMap<string, bigint>;

export function partitionId({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** @throws RangeError when the text is not `topic/partition`. */
export function parsePartitionId(id: string): TopicPartition {
  const match = /^([^/]+)\/(\d+)$/.exec(id);
  if (match?.[1] === undefined || match[2] === undefined) throw new RangeError(`not a partition id: ${id}`);
  return { topic: match[1], partition: Number(match[2]) };
}

/** True when `applied` stands at or past `wanted` in every partition that `wanted` names. */
export function hasReached(applied: Positions, wanted: Positions): boolean {
  for (const [id, offset] of wanted) if ((applied.get(id) ?? 0n) < offset) return false;
  return true;
}

/** Partition by partition the further of the two. */
export function furthest(left: Positions, right: Positions): Positions {
  const merged = new Map(left);
  for (const [id, offset] of right) if (offset > (merged.get(id) ?? -1n)) merged.set(id, offset);
  return merged;
}

/** Records between `applied` and `end`, over all partitions of `end`. */
export function lagRecords(applied: Positions, end: Positions): bigint {
  let lag = 0n;
  for (const [id, offset] of end) {
    const behind = offset - (applied.get(id) ?? 0n);
    if (behind > 0n) lag += behind;
  }
  return lag;
}

/** As `topic/partition:offset` pairs joined with commas, sorted: the form in headers and reports. */
export function formatPositions(positions: Positions): string {
  return [...positions]
    .map(([id, offset]) => `${id}:${offset}`)
    .sort()
    .join(',');
}

/** @throws RangeError when the text is not what {@link formatPositions} writes. */
export function parsePositions(text: string): Positions {
  const positions = new Map<string, bigint>();
  for (const pair of text.split(',').filter((part) => part !== '')) {
    const match = /^([^/:,]+\/\d+):(\d{1,19})$/.exec(pair);
    if (match?.[1] === undefined || match[2] === undefined) throw new RangeError(`not a position: ${pair}`);
    positions.set(match[1], BigInt(match[2]));
  }
  return positions;
}
