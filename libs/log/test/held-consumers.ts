import { jest } from '@jest/globals';
import { Kafka, type Consumer, type EachBatchHandler, type EachBatchPayload } from 'kafkajs';

export interface HeldConsumers {
  readonly consumers: Consumer[];
  /** What was handed to the reader, and by what. */
  readonly batches: { readonly handOver: EachBatchHandler; readonly payload: EachBatchPayload }[];
}

/** From now on, until mocks are restored, the test holds every consumer that is made, and every batch that it hands over. */
export function holdConsumers({ consumers, batches }: HeldConsumers): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called on its own object below
  const original = Kafka.prototype.consumer;
  jest.spyOn(Kafka.prototype, 'consumer').mockImplementation(function (this: Kafka, config) {
    const consumer = original.call(this, config);
    consumers.push(consumer);
    const run = consumer.run.bind(consumer);
    consumer.run = ({ eachBatch: handOver = () => Promise.resolve(), ...options } = {}) =>
      run({
        ...options,
        eachBatch: (payload) => {
          batches.push({ handOver, payload });
          return handOver(payload);
        },
      });
    return consumer;
  });
}
