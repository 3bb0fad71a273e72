import { expect } from '@jest/globals';
import type { Claim, GenerationStore } from './port.js';
import { advanced, feed, type TestRecord, type TestRow } from './test-view.contract.js';

export const partition = 'suite/0';
export const oneRow = (
  key: string,
  name = key,
  size = 1,
): Pick<NonNullable<TestRecord['state']>, 'rows'> => ({
  rows: [{ key, name, size }],
});

/** Makes an empty generation that is dropped after the case: to be fed, or to be loaded first. */
export type Fresh = (options?: { readonly load: boolean }) => Promise<GenerationStore<TestRow>>;

/** Applies the batches one after another under one new claim. */
export async function feedAll(
  generation: GenerationStore<TestRow>,
  ...batches: readonly (readonly TestRecord[])[]
): Promise<Claim> {
  let claim = await generation.claim(partition);
  for (const batch of batches) {
    expect(await feed(generation, claim, batch)).toBe('applied');
    claim = advanced(claim, batch);
  }
  return claim;
}
