import { Partitioners, type ICustomPartitioner } from 'kafkajs';
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
