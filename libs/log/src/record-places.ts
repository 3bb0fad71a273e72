import { partitionId, type TopicPartition } from '@reprise/kernel';

/** Where a record landed. */
export interface RecordPlace extends TopicPartition {
  readonly offset: bigint;
}

/** What the broker acknowledged of one partition: the offset of the first record of the request. */
export interface Acknowledgement extends TopicPartition {
  readonly baseOffset: bigint;
}

/**
 * The place of each record of one request, given the partitions of the records in the order in which they were sent: within
 * a partition they lie one behind another.
 * @throws RangeError when a partition was not acknowledged with an offset.
 */
export function placesOf(
  sent: readonly TopicPartition[],
  acknowledged: readonly Acknowledgement[],
): readonly RecordPlace[] {
  const next = new Map(
    acknowledged.map(({ baseOffset, ...partition }) => [partitionId(partition), baseOffset]),
  );
  return sent.map(({ topic, partition }) => {
    const id = partitionId({ topic, partition });
    const offset = next.get(id);
    if (offset === undefined || offset < 0n) throw new RangeError(`${id} was acknowledged without an offset`);
    next.set(id, offset + 1n);
    return { topic, partition, offset };
  });
}
