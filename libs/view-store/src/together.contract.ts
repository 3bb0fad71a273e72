import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { oneRow, type Fresh } from './feeding.contract.js';
import { histories, naiveContents, type History } from './history.contract.js';
import type { Claim, GenerationStore } from './port.js';
import {
  advanced,
  feed,
  feedTogether,
  rowLine,
  settledContents,
  told,
  type TestRecord,
  type TestRow,
} from './test-view.contract.js';

const partitions = ['suite/0', 'suite/1'] as const;

/** Batches of several partitions in one go. */
export function describeTogether(fresh: Fresh, { groups, runs }: { groups: boolean; runs: number }): void {
  test('of batches that are applied together, one that is fenced changes nothing, and the others are applied', async () => {
    const generation = await fresh();
    const [zombie, other] = [await generation.claim(partitions[0]), await generation.claim(partitions[1])];
    const owner = await generation.claim(partitions[0]);
    const deliveries = [
      { claim: zombie, records: [told('a', 1, oneRow('k', 'zombie'))] },
      { claim: other, records: [told('b', 1, oneRow('k'))] },
    ];
    expect(await feedTogether(generation, deliveries)).toEqual(['fenced', 'applied']);
    expect(await settledContents(generation)).toEqual([rowLine('b', 'k', { name: 'k', size: 1 })]);
    expect((await generation.contributed(['a'])).size).toBe(0);
    const positions = await generation.positions();
    expect(partitions.map((id) => positions.get(id))).toEqual([0n, 1n]);
    expect(await feed(generation, owner, [told('a', 1, oneRow('k'))])).toBe('applied');
  });

  test('none at all is none', async () => {
    expect(await (await fresh()).applyTogether([])).toEqual([]);
  });

  test(
    'any two histories of two partitions, applied together piece by piece, end as the newest state of each entity',
    async () => {
      const pair = fc.tuple(histories({ groups }), histories({ groups }));
      await fc.assert(
        fc.asyncProperty(pair, async (both) => replayTogether(await fresh(), both)),
        { numRuns: runs },
      );
    },
    30_000 + runs * 6_000,
  );
}

async function replayTogether(
  generation: GenerationStore<TestRow>,
  both: readonly [History, History],
): Promise<void> {
  const records = both.map(({ records: told }, place) => told.map((record) => inPartition(place, record)));
  const claims = await Promise.all(partitions.map((id) => generation.claim(id)));
  const steps = Math.max(...both.map(({ deliveries }) => deliveries.length));
  for (let step = 0; step < steps; step += 1) {
    const due: { place: number; claim: Claim; records: readonly TestRecord[] }[] = [];
    for (const [place, { deliveries }] of both.entries()) {
      const delivery = deliveries[step];
      const claim = claims[place];
      if (!delivery || !claim) continue;
      const taken = delivery.takeover ? await generation.claim(claim.partition) : claim;
      due.push({ place, claim: taken, records: (records[place] ?? []).slice(delivery.from, delivery.to) });
    }
    expect(await feedTogether(generation, due)).toEqual(due.map(() => 'applied'));
    for (const { place, claim, records: fed } of due) claims[place] = advanced(claim, fed);
  }
  expect(await settledContents(generation)).toEqual(naiveContents(records.flat()));
}

/** An entity has one partition; its groups it may share with those of others. */
function inPartition(place: number, record: TestRecord): TestRecord {
  return { ...record, key: `${place}:${record.key}` };
}
