import { Partitioners, type ICustomPartitioner, type PartitionMetadata } from 'kafkajs';
import { entityOf } from './record-key.js';

/** Java's murmur2 of the entity's key: the partitioner of every stream. */
export const partitioner: ICustomPartitioner = () => {
  const murmur2 = Partitioners.DefaultPartitioner();
  return (choice) => {
    const { message } = choice;
    const key = message.key === undefined || message.key === null ? null : entityOf(message.key.toString());
    return murmur2({ ...choice, message: { ...message, key } });
  };
};

const choose = partitioner();
const metadataOf = new Map<number, PartitionMetadata[]>();

/** The partition that a key belongs to, of a stream with so many. */
export function partitionOf(key: string, partitions: number): number {
  let partitionMetadata = metadataOf.get(partitions);
  if (!partitionMetadata) {
    partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      ...{ partitionId, leader: 0, partitionErrorCode: 0 },
      ...{ replicas: [], isr: [] },
    }));
    metadataOf.set(partitions, partitionMetadata);
  }
  return choose({ topic: '', partitionMetadata, message: { key, value: null } });
}
