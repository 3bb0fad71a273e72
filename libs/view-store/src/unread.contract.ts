import { expect, test } from '@jest/globals';
import { newestPerEntity, planChanges } from '@reprise/view';
import fc from 'fast-check';
import { feedAll, oneRow, partition, type Fresh } from './feeding.contract.js';
import { histories, naiveContents, type History } from './history.contract.js';
import type { ApplyOutcome, Claim, GenerationStore } from './port.js';
import {
  advanced,
  feedAs,
  plainTestView,
  rowLine,
  settledContents,
  told,
  type TestRecord,
  type TestRow,
} from './test-view.contract.js';

interface Delivered {
  readonly claim: Claim;
  readonly records: readonly TestRecord[];
}

/** Batches that are applied without reading first, where the store can tell that they may be. */
export function describeUnread(fresh: Fresh, { runs }: { runs: number }): void {
  test('what is there besides is taken into account, or has to be read first and nothing is changed', async () => {
    const generation = await fresh();
    const records = [
      told('a', 1, { rows: [...oneRow('k').rows, ...oneRow('a').rows] }),
      told('gone', 7, null),
    ];
    let claim = await feedAll(generation, records);
    for (const later of [told('a', 2, oneRow('a')), told('gone', 6, oneRow('gone'))]) {
      const outcome = await applyUnread(generation, { claim, records: [later] });
      expect(['applied', 'read-first']).toContain(outcome);
      if (outcome === 'applied') {
        records.push(later);
        claim = advanced(claim, [later]);
      }
      expect(await settledContents(generation)).toEqual(naiveContents(records));
      expect((await generation.positions()).get(partition)).toBe(claim.nextOffset);
    }
  });

  test('what an owner that lost its partition sends changes nothing', async () => {
    const generation = await fresh();
    const claim = await feedAll(generation, [told('a', 1, oneRow('a'))]);
    const before = await settledContents(generation);
    const owner = await generation.claim(partition);
    const late = { claim, records: [told('a', 2, oneRow('a', 'late')), told('b', 1, oneRow('b'))] };
    expect(await applyUnread(generation, late)).not.toBe('applied');
    expect(await settledContents(generation)).toEqual(before);
    expect((await generation.positions()).get(partition)).toBe(owner.nextOffset);
  });

  test('an older version does not overwrite what is there, whether it is read first or not', async () => {
    const generation = await fresh();
    const records = [told('a', 5, oneRow('a', 'new')), told('b', 5, oneRow('b', 'old'))];
    const later = [told('a', 4, oneRow('a', 'old')), told('b', 6, oneRow('b', 'new'))];
    let claim = await generation.claim(partition);
    for (const batch of [records, later]) {
      await feedUnread(generation, { claim, records: batch });
      claim = advanced(claim, batch);
    }
    const rows = ['a', 'b'].map((key) => rowLine(key, key, { name: 'new', size: 1 }));
    expect(await settledContents(generation)).toEqual(rows);
    expect((await generation.contributed(['a'])).get('a')).toMatchObject({ version: 5, rows: ['a'] });
  });

  test(
    'any history of which each batch is tried without reading first ends as the newest state of each entity',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories({ groups: false }).map(withOwnRows), async (history) =>
          replay(await fresh(), history),
        ),
        { numRuns: runs },
      );
    },
    30_000 + runs * 6_000,
  );
}

/** Entities of one row have their own; those of none before have it too. */
function withOwnRows({ records, deliveries }: History): History {
  const own = ({ key, version, state }: TestRecord): TestRecord => {
    if (state === null || state.rows.length > 1) return { key, version, state };
    const [{ name, size } = { name: 'x', size: 0 }] = state.rows;
    return { key, version, state: { ...state, rows: [{ key, name, size }] } };
  };
  return { records: records.map(own), deliveries };
}

async function replay(generation: GenerationStore<TestRow>, { records, deliveries }: History): Promise<void> {
  let claim = await generation.claim(partition);
  for (const { from, to, takeover } of deliveries) {
    if (takeover) claim = await generation.claim(partition);
    const batch = records.slice(from, to);
    await feedUnread(generation, { claim, records: batch });
    claim = advanced(claim, batch);
  }
  expect(await settledContents(generation)).toEqual(naiveContents(records));
}

/** As a builder does it. */
async function feedUnread(generation: GenerationStore<TestRow>, delivered: Delivered): Promise<void> {
  const isTried = delivered.records.every(({ state }) => state !== null);
  const outcome = isTried ? await applyUnread(generation, delivered) : 'read-first';
  if (outcome !== 'read-first') expect(outcome).toBe('applied');
  else expect(await feedAs(plainTestView, generation, delivered)).toBe('applied');
}

function applyUnread(
  generation: GenerationStore<TestRow>,
  { claim, records }: Delivered,
): Promise<ApplyOutcome | 'read-first'> {
  const nextOffset = claim.nextOffset + BigInt(records.length);
  const planned = planChanges(plainTestView, newestPerEntity(records), new Map());
  return generation.applyUnread({ claim, nextOffset, references: claim.references, ...planned });
}
