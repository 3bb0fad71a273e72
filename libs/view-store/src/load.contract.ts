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
  /** Default: what the claim has. */
  readonly loadedTo?: bigint;
  /** Default: past the records where the load ends, and 0 until then. */
  readonly nextOffset?: bigint;
}

/** What a loader does with entities that the generation does not hold yet. */
function load(
  view: Projector<TestRow>,
  generation: GenerationStore<TestRow>,
  { claim, records, loading, loadedTo = claim.loadedTo, nextOffset }: Part,
): Promise<ApplyOutcome> {
  const planned = planChanges(view, newestPerEntity(records), new Map());
  const leadsTo = {
    nextOffset: nextOffset ?? (loading === '' ? BigInt(records.length) : 0n),
    loading,
    loadedTo,
  };
  return generation.load({ claim, ...planned, ...leadsTo, references: claim.references });
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
    expect(await generation.finishLoad()).toEqual([otherPartition]);
    await endOther(generation);
    expect(await generation.finishLoad()).toEqual([]);
    expect(await generation.finishLoad()).toEqual([]);
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

  test('a loader that expects other progress than there is writes nothing: its server lost what it wrote last', async () => {
    const generation = await fresh({ load: true });
    const claim = await generation.claim(partition);
    expect(await load(testView, generation, { claim, records: [], loading: 'half' })).toBe('applied');
    const records = [told('a', 1, oneRow('k'))];
    for (const loading of [loadToBegin, 'three quarters', ''])
      expect(await load(testView, generation, { claim: { ...claim, loading }, records, loading: '' })).toBe(
        'fenced',
      );
    expect(await settledContents(generation)).toEqual([]);
    expect(await generation.claim(partition)).toMatchObject({ nextOffset: 0n, loading: 'half' });
  });

  test('what a load brings may be shown, though the checkpoint stands before it, until that is past its end', async () => {
    const generation = await fresh({ load: true });
    const begun = { records: [], loading: 'half', loadedTo: 9n };
    let claim = await generation.claim(partition);
    const shows = async (least: bigint, most: bigint): Promise<void> => {
      claim = await generation.claim(partition);
      expect(claim).toMatchObject({ nextOffset: least, loadedTo: most > 9n ? expect.any(BigInt) : 9n });
      await generation.settle();
      expect((await generation.positions()).get(partition)).toBe(least);
      expect((await generation.mayShow())?.get(partition)).toBe(most);
    };
    const moveTo = async (nextOffset: bigint, records: readonly TestRecord[] = []): Promise<void> => {
      const planned = planChanges(testView, newestPerEntity(records), new Map());
      const { references } = claim;
      expect(await generation.apply({ claim, ...planned, nextOffset, references })).toBe('applied');
    };
    expect(await load(testView, generation, { claim, ...begun })).toBe('applied');
    await shows(0n, 9n);
    const records = [told('a', 1, oneRow('k'))];
    expect(await load(testView, generation, { claim, records, loading: '', nextOffset: 0n })).toBe('applied');
    await endOther(generation);
    expect(await generation.finishLoad()).toEqual([]);
    await shows(0n, 9n);
    await moveTo(5n, [told('b', 1, oneRow('k'))]);
    await shows(5n, 9n);
    await moveTo(12n, [told('c', 1, oneRow('k'))]);
    await shows(12n, 12n);
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
          expect(await generation.finishLoad()).toEqual([]);
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
