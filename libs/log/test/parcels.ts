import type { Envelope, StreamContract } from '@reprise/contracts';
import { uniqueName } from '@reprise/testing';
import type { ChunkOutcome, PartitionHandler, RecordChunk } from '../src/index.js';

export interface Parcel {
  readonly id: string;
  readonly weightGrams: number;
  readonly note: string | null;
}

/** A stream that no other test knows. */
export function parcels(partitions = 2): StreamContract<Parcel> {
  const topic = uniqueName('parcel');
  return {
    name: 'parcel',
    topic,
    subject: `${topic}-value`,
    partitions,
    retention: 'compacted',
    settings: { 'cleanup.policy': 'compact' },
    schema: {
      type: 'record',
      name: 'ParcelEvent',
      namespace: topic,
      fields: [
        { name: 'event', type: 'string' },
        { name: 'version', type: 'long' },
        { name: 'occurredAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
        { name: 'changed', type: { type: 'array', items: 'string' }, default: [] },
        { name: 'deleted', type: 'boolean', default: false },
        {
          name: 'state',
          type: {
            type: 'record',
            name: 'Parcel',
            fields: [
              { name: 'id', type: 'string' },
              { name: 'weightGrams', type: 'int' },
              { name: 'note', type: ['null', 'string'], default: null },
            ],
          },
        },
      ],
    },
  };
}

export const envelope = (state: Parcel, version = 1): Envelope<Parcel> => ({
  event: 'ParcelWeighed',
  version,
  occurredAt: 1_357_034_400_000,
  changed: ['weightGrams'],
  deleted: false,
  state,
});

/** Takes chunks and remembers them, as a store with a checkpoint would. */
export class RecordingHandler implements PartitionHandler {
  readonly chunks: RecordChunk[] = [];
  readonly claims: string[] = [];
  private readonly listening: (() => void)[] = [];
  readonly troubles: (string | undefined)[] = [];
  readonly checkpoints = new Map<string, bigint>();
  fenceNext = false;
  private waiting: { until: () => boolean; resolve: () => void }[] = [];

  claim(partition: string): Promise<bigint> {
    this.claims.push(partition);
    return Promise.resolve(this.checkpoints.get(partition) ?? 0n);
  }

  apply(chunk: RecordChunk): Promise<ChunkOutcome> {
    if (this.fenceNext) {
      this.fenceNext = false;
      return Promise.resolve('fenced');
    }
    this.chunks.push(chunk);
    this.checkpoints.set(chunk.partition, chunk.nextOffset);
    for (const { until, resolve } of this.waiting) if (until()) resolve();
    return Promise.resolve('applied');
  }

  assigned(): void {
    // Nothing depends on it here.
  }

  troubled(reason: string | undefined): void {
    this.troubles.push(reason);
    for (const tell of this.listening.splice(0)) tell();
  }

  /** Until something more is told. */
  whenTroubled(): Promise<void> {
    return new Promise((resolve) => this.listening.push(resolve));
  }

  keys(): string[] {
    return this.chunks.flatMap(({ records }) => records.map(({ key }) => key));
  }

  when(until: () => boolean): Promise<void> {
    if (until()) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ until, resolve }));
  }
}
