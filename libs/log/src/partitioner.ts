import { Partitioners } from 'kafkajs';

/** Java's murmur2: the partitioner of every stream. */
export const partitioner = Partitioners.DefaultPartitioner;

const choose = partitioner();

/** The partition that a key belongs to, of a stream with so many. */
export function partitionOf(key: string, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionId,
    leader: 0,
    partitionErrorCode: 0,
    replicas: [],
    isr: [],
  }));
  return choose({ topic: '', partitionMetadata, message: { key, value: null } });
}
