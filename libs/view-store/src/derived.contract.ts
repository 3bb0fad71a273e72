import { expect, test } from '@jest/globals';
import { extended, type Extent } from './extent.js';
import type { Positions } from '@reprise/kernel';
import { feedAll, oneRow, partition, type Fresh } from './feeding.contract.js';
import type { GenerationStore } from './port.js';
import { advanced, feed, groupLine, settledContents, told, type TestRow } from './test-view.contract.js';

export function describeGroups(fresh: Fresh): void {
  const at = (place: string, hour: number, size: number) => ({ groups: [{ place, hour, size }] });

  test('groups add up what entities contribute, and give it back when they change or go', async () => {
    const generation = await fresh();
    const claim = await feedAll(generation, [told('a', 1, at('JFK', 6, 10)), told('b', 1, at('JFK', 6, 5))]);
    expect(await settledContents(generation)).toEqual([
      groupLine({ place: 'JFK', hour: 6 }, { entities: 2, size: 15 }, { least: 5, greatest: 10 }),
    ]);
    const changes = [told('a', 2, at('LGA', 7, 11)), told('b', 2, null)];
    expect(await feed(generation, claim, changes)).toBe('applied');
    expect(await settledContents(generation)).toEqual([
      groupLine({ place: 'LGA', hour: 7 }, { entities: 1, size: 11 }, { least: 11, greatest: 11 }),
    ]);
  });

  test('a record that comes again adds nothing to its group', async () => {
    const generation = await fresh();
    const batch = [told('a', 1, at('JFK', 6, 10)), told('b', 1, at('JFK', 6, 5))];
    await feedAll(generation, batch, batch);
    expect(await settledContents(generation)).toEqual([
      groupLine({ place: 'JFK', hour: 6 }, { entities: 2, size: 15 }, { least: 5, greatest: 10 }),
    ]);
  });

  test('the ledger tells what an entity added to its groups', async () => {
    const generation = await fresh();
    await feedAll(generation, [told('a', 1, at('JFK', 6, -3))]);
    const group = { place: 'JFK', hour: 6 };
    expect((await generation.contributed(['a'])).get('a')).toMatchObject({
      version: 1,
      groups: [{ group, measures: { entities: 1, size: -3 }, extremes: { size: -3 } }],
    });
  });

  test('the greatest and the least of a group fall back to the next one when their entity leaves', async () => {
    const generation = await fresh();
    const claim = await feedAll(generation, [
      told('a', 1, at('JFK', 6, 1)),
      told('b', 1, at('JFK', 6, 5)),
      told('c', 1, at('JFK', 6, 9)),
      told('d', 1, at('JFK', 6, 9)),
    ]);
    const left = [told('d', 2, null), told('a', 2, at('LGA', 7, 1))];
    expect(await feed(generation, claim, left)).toBe('applied');
    expect(await settledContents(generation)).toEqual([
      groupLine({ place: 'JFK', hour: 6 }, { entities: 2, size: 14 }, { least: 5, greatest: 9 }),
      groupLine({ place: 'LGA', hour: 7 }, { entities: 1, size: 1 }, { least: 1, greatest: 1 }),
    ]);
    expect(await feed(generation, advanced(claim, left), [told('c', 2, null)])).toBe('applied');
    expect(await settledContents(generation)).toContain(
      groupLine({ place: 'JFK', hour: 6 }, { entities: 1, size: 5 }, { least: 5, greatest: 5 }),
    );
  });

  test('a scan tells the extent of a group, and how many entities have which value', async () => {
    const generation = await fresh();
    const sizes = [7, -5, 2_000_000_000, 7];
    await feedAll(
      generation,
      sizes.map((size, place) => told(`e${place}`, 1, at('JFK', 6, size))),
    );
    await generation.settle();
    const group = { place: 'JFK', hour: 6 };
    const nobody = { place: 'LGA', hour: 7 };
    const { items, values } = await generation.scan(async (scan) => ({
      items: (await Array.fromAsync(scan.pages)).flat(),
      values: await scan.values?.([nobody, group]),
    }));
    const size = sizes.reduce<Extent | undefined>((known, value) => extended(known, value), undefined);
    expect(items.filter(({ kind }) => kind === 'group')).toMatchObject([{ group, extremes: { size } }]);
    const [ofNobody, ofGroup] = values ?? [];
    expect(ofNobody).toEqual([]);
    expect(ofGroup?.toSorted((left, right) => left.value - right.value)).toEqual([
      { measure: 'size', value: -5, count: 1 },
      { measure: 'size', value: 7, count: 2 },
      { measure: 'size', value: 2_000_000_000, count: 1 },
    ]);
  });
}

export function describeReferences(fresh: Fresh): void {
  const refers = (...ids: string[]) => ({ ...oneRow('k'), refers: ids });
  const dependents = async (generation: GenerationStore<TestRow>, id: string, ...references: string[]) => {
    const found = new Set<string>();
    for await (const page of generation.dependents({ partition: id, references }))
      for (const entity of page) found.add(entity);
    return [...found].sort();
  };

  test('what refers to something is found, in its own partition only', async () => {
    const generation = await fresh();
    await feedAll(generation, [
      told('a', 1, refers('r/x', 's/y')),
      told('b', 1, refers('r/x')),
      told('c', 1, refers('r/z')),
    ]);
    const other = await generation.claim('suite/1');
    expect(await feed(generation, other, [told('d', 1, refers('r/x'))])).toBe('applied');
    expect(await dependents(generation, partition, 'r/x')).toEqual(['a', 'b']);
    expect(await dependents(generation, partition, 's/y', 'r/z', 'r/none')).toEqual(['a', 'c']);
    expect(await dependents(generation, 'suite/1', 'r/x')).toEqual(['d']);
    expect(await dependents(generation, partition)).toEqual([]);
  });

  test('what refers to something else now, or is gone, is not found any more', async () => {
    const generation = await fresh();
    await feedAll(
      generation,
      [told('a', 1, refers('r/x')), told('b', 1, refers('r/x')), told('c', 1, refers('r/x'))],
      [told('a', 2, refers('r/y')), told('b', 2, null)],
    );
    expect(await dependents(generation, partition, 'r/x')).toEqual(['c']);
    expect(await dependents(generation, partition, 'r/y')).toEqual(['a']);
  });

  test('many are found while their pages are applied', async () => {
    const generation = await fresh();
    const records = Array.from({ length: 2_500 }, (_, place) => told(`e${place}`, 1, refers('r/x')));
    let claim = await feedAll(generation, records);
    const found = new Set<string>();
    for await (const page of generation.dependents({ partition, references: ['r/x'] })) {
      const again = page.map((entity) => told(entity, 1, refers('r/x')));
      expect(await feed(generation, claim, again)).toBe('applied');
      claim = advanced(claim, again);
      for (const entity of page) found.add(entity);
    }
    expect(found.size).toBe(records.length);
  });

  test('the ledger keeps what was projected, so that it can be projected again', async () => {
    const generation = await fresh();
    const record = told('a', 1, refers('r/x'));
    await feedAll(generation, [record]);
    const known = (await generation.contributed(['a'])).get('a');
    expect(known).toMatchObject({ version: 1, references: ['r/x'], state: record.state });
  });

  test('a checkpoint says up to where references are applied; readers see what all partitions have', async () => {
    const generation = await fresh();
    const reached = new Map([['refs/0', 7n]]);
    await reachReferences(generation, partition, reached);
    expect((await generation.claim(partition)).references).toEqual(reached);
    await generation.settle();
    expect((await generation.positions()).get('refs/0')).toBe(0n);
    const further = new Map([['refs/0', 9n]]);
    await reachReferences(generation, 'suite/1', further);
    await generation.settle();
    expect((await generation.positions()).get('refs/0')).toBe(7n);
  });
}

async function reachReferences(
  generation: GenerationStore<TestRow>,
  id: string,
  references: Positions,
): Promise<void> {
  const claim = await generation.claim(id);
  const nothing = { contributed: new Map(), changes: [], links: [] };
  const { nextOffset } = claim;
  expect(await generation.apply({ claim, nextOffset, references, ...nothing })).toBe('applied');
}
