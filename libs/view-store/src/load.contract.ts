import { expect, test } from '@jest/globals';
import { newestPerEntity, planChanges, type Projector } from '@reprise/view';
import fc from 'fast-check';
import { oneRow, partition, type Fresh } from './feeding.contract.js';
import { histories, naiveContents } from './history.contract.js';
import { loadToBegin, type ApplyOutcome, type Claim, type GenerationStore } from './port.js';
import {
  advanced,
  feedAs,
  plainTestView,
  rowLine,
  settledContents,
  testView,
  told,
  type TestRecord,
  type TestRow,
} from './test-view.contract.js';

const otherPartition = 'suite/1';

interface Part {
  readonly claim: Claim;
  readonly records: readonly TestRecord[];
  /** The progress afterwards; empty ends the load. */
  readonly loading: string;
}

/** What a loader does with entities that the generation does not hold yet. */
function load(
  view: Projector<TestRow>,
  generation: GenerationStore<TestRow>,
  { claim, records, loading }: Part,
): Promise<ApplyOutcome> {
  const planned = planChanges(view, newestPerEntity(records), new Map());
  const nextOffset = loading === '' ? BigInt(records.length) : 0n;
  return generation.load({ claim, ...planned, loading, nextOffset, references: claim.references });
}

export function describeLoads(fresh: Fresh, { groups, runs }: { groups: boolean; runs: number }): void {
  const loaded = (claim: Claim): Claim => ({ ...claim, loading: '' });
  /** The other partition has nothing to load. */
  const endOther = async (generation: GenerationStore<TestRow>): Promise<void> => {
    const claim = await generation.claim(otherPartition);
    expect(await load(testView, generation, { claim, records: [], loading: '' })).toBe('applied');
  };

  test('a generation that is opened to be loaded says so to whoever claims it, until the load is over', async () => {
    const generation = await fresh({ load: true });
    const claim = await generation.claim(partition);
    expect(claim).toMatchObject({ nextOffset: 0n, loading: loadToBegin });
    expect(await load(testView, generation, { claim, records: [], loading: 'half' })).toBe('applied');
    const next = await generation.claim(partition);
    expect(next).toMatchObject({ nextOffset: 0n, loading: 'half' });
    const records = [told('a', 1, oneRow('k'))];
    expect(await load(testView, generation, { claim: next, records, loading: '' })).toBe('applied');
    expect(await generation.claim(partition)).toMatchObject({ nextOffset: 1n, loading: '' });
  });

  test('a load is over when no partition has anything left', async () => {
    const generation = await fresh({ load: true });
    const claim = await generation.claim(partition);
    const records = [told('a', 1, oneRow('k'))];
    expect(await load(testView, generation, { claim, records, loading: '' })).toBe('applied');
    expect(await generation.finishLoad()).toBe(false);
    await endOther(generation);
    expect(await generation.finishLoad()).toBe(true);
    expect(await generation.finishLoad()).toBe(true);
    expect(await settledContents(generation)).toEqual([rowLine('a', 'k', { name: 'k', size: 1 })]);
  });

  test('a loader that lost its partition writes nothing more', async () => {
    const generation = await fresh({ load: true });
    const zombie = await generation.claim(partition);
    await generation.claim(partition);
    const records = [told('a', 1, oneRow('k'))];
    expect(await load(testView, generation, { claim: zombie, records, loading: '' })).toBe('fenced');
    expect(await settledContents(generation)).toEqual([]);
    expect(await generation.claim(partition)).toMatchObject({ nextOffset: 0n, loading: loadToBegin });
  });

  test.each([
    ['that keeps what it projected', testView],
    ['whose rows tell all', plainTestView],
  ])(
    'what is loaded in parts and then fed ends as if all was fed, for a view %s',
    async (_, view) => {
      const cuts = fc.record({ loaded: fc.nat({ max: 24 }), part: fc.integer({ min: 1, max: 3 }) });
      await fc.assert(
        fc.asyncProperty(histories({ groups }), cuts, async ({ records }, { loaded: cut, part }) => {
          const generation = await fresh({ load: true });
          let claim = await generation.claim(partition);
          const newest = [...newestPerEntity(records.slice(0, cut)).values()];
          for (let from = 0; from < newest.length; from += part) {
            const some = newest.slice(from, from + part);
            const loading = `from ${from}`;
            expect(await load(view, generation, { claim, records: some, loading })).toBe('applied');
            claim = { ...claim, loading };
          }
          expect(await load(view, generation, { claim, records: [], loading: '' })).toBe('applied');
          await endOther(generation);
          expect(await generation.finishLoad()).toBe(true);
          claim = loaded(claim);
          for (let from = Math.max(0, cut - 4); from < records.length; from += part) {
            const some = records.slice(from, from + part);
            expect(await feedAs(view, generation, { claim, records: some })).toBe('applied');
            claim = advanced(claim, some);
          }
          expect(await settledContents(generation)).toEqual(naiveContents(records));
        }),
        { numRuns: Math.ceil(runs / 3) },
      );
    },
    30_000 + runs * 6_000,
  );
}
