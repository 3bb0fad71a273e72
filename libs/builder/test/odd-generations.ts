import type { Positions } from '@reprise/kernel';
import type { GenerationStore, LoadBatch, ViewBatch } from '@reprise/view-store';
import type { ParcelRow } from './parcel-setting.js';

export interface Forgetful extends GenerationStore<ParcelRow> {
  /** Nothing is applied, but all who ask are told that it was; until that ends, as by a crash that lost it. */
  acknowledgeOnly(on: boolean): void;
  readonly acknowledged: ReadonlyMap<string, bigint>;
}

export function forgetting(generation: GenerationStore<ParcelRow>): Forgetful {
  const acknowledged = new Map<string, bigint>();
  let isPretending = false;
  const told = (positions: Positions): Positions =>
    isPretending ? new Map([...positions, ...acknowledged]) : positions;
  const forgetful: GenerationStore<ParcelRow> = Object.create(generation) as GenerationStore<ParcelRow>;
  return Object.assign(forgetful, {
    acknowledged,
    // What a store remembers of its calls, it has to remember itself.
    claim: (partition: string) => generation.claim(partition),
    load: (batch: LoadBatch<ParcelRow>) => generation.load(batch),
    acknowledgeOnly: (on: boolean) => (isPretending = on),
    applyUnread: () => Promise.resolve('read-first' as const),
    applyTogether: (batches: readonly ViewBatch<ParcelRow>[]) => {
      if (!isPretending) return generation.applyTogether(batches);
      for (const { claim, nextOffset } of batches) acknowledged.set(claim.partition, nextOffset);
      return Promise.resolve(batches.map(() => 'applied' as const));
    },
    settle: async () => told(await generation.settle()),
    positions: async () => told(await generation.positions()),
  });
}

/** What is applied is made visible only when `held` is over. Counts how often that was asked for. */
export function settlingSlowly(generation: GenerationStore<ParcelRow>) {
  const settling: { held: Promise<undefined> | undefined; count: number } = { held: undefined, count: 0 };
  const slow: GenerationStore<ParcelRow> = Object.create(generation) as GenerationStore<ParcelRow>;
  return {
    settling,
    slow: Object.assign(slow, {
      claim: (partition: string) => generation.claim(partition),
      load: (batch: LoadBatch<ParcelRow>) => generation.load(batch),
      applyUnread: () => Promise.resolve('read-first' as const),
      applyTogether: (batches: readonly ViewBatch<ParcelRow>[]) => generation.applyTogether(batches),
      settle: async () => {
        settling.count += 1;
        await settling.held;
        return generation.settle();
      },
    }),
  };
}
