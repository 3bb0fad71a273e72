import { setTimeout as pause } from 'node:timers/promises';
import { CodedError } from '@reprise/kernel';
import type { GenerationStore, ViewStore } from '@reprise/view-store';
import type { Report } from './report.js';

const dropLimitMs = 60_000;

/** Generations that are fed no more leave nothing in the store. They are dropped some seconds after they were retired. */
export async function checkDropped(
  store: ViewStore<unknown>,
  names: readonly string[],
  report: Report,
): Promise<void> {
  const giveUpAt = performance.now() + dropLimitMs;
  for (const name of names) {
    let left = await leftOf(store.generation(name));
    while (left !== undefined && performance.now() < giveUpAt) {
      await pause(500);
      left = await leftOf(store.generation(name));
    }
    if (left !== undefined) report.finding(`${name} is fed no more and was not dropped: it has ${left}`);
    report.count('dropped generations checked');
  }
}

async function leftOf(generation: GenerationStore<unknown>): Promise<string | undefined> {
  try {
    const positions = await generation.positions();
    if (positions.size > 0) return `checkpoints of ${positions.size} partitions`;
    for await (const item of generation.contents()) return `a ${item.kind}`;
    return undefined;
  } catch (failure) {
    if (failure instanceof CodedError && failure.code === 'generation-missing') return undefined;
    throw failure;
  }
}
