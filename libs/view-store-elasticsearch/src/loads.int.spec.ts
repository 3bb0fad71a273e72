import { describe, expect, test } from '@jest/globals';
import { uniqueName } from '@reprise/testing';
import { newestPerEntity, planChanges } from '@reprise/view';
import { openedGenerations } from '../test/opened.js';
import { own, taggedView, type Told } from '../test/tagged.js';
import { loadMark } from './document.js';
import { namesOf } from './layout.js';

const { store, opened } = openedGenerations();

const told = (key: string, version: number): Told => ({
  key,
  version,
  state: { keys: [key], tag: `v${version}` },
});

describe('what readers may see of a loaded generation', () => {
  /** By a load that was begun, broke off, was made again, and ended where its records do or (unclear) has to be read again. */
  async function loaded(records: readonly Told[], { isUnclear } = { isUnclear: false }) {
    const { name, generation } = await opened(uniqueName('loads'), { load: true });
    const claim = await generation.claim('t/0');
    const loadedTo = BigInt(records.length);
    let from = claim;
    const half = { nextOffset: 0n, loading: 'half', records };
    const end = { nextOffset: isUnclear ? 0n : loadedTo, loading: '', records: [] };
    for (const { records: some, ...to } of [{ ...half, records: [] }, half, half, end]) {
      const planned = planChanges(taggedView, newestPerEntity(some), new Map());
      const { references } = claim;
      const batch = { claim: from, ...planned, references, loadedTo, ...to };
      expect(await generation.load(batch)).toBe('applied');
      from = { ...from, ...to, loadedTo };
    }
    await generation.settle();
    return { name, generation };
  }

  /** As if others had noted that much. */
  async function noteVisible(name: string, offset: string) {
    const { checkpoints } = namesOf(name);
    await store.client.index({ index: checkpoints, id: 'visible', document: { offsets: { 't/0': offset } } });
  }

  const two = [told('a', 1), told('b', 1)];
  const shownTo = (offset: bigint) => new Map([['t/0', offset]]);

  test.each([
    ['two', two],
    ['none, of a partition that is empty', []],
  ])('is what its documents tell, and the mark of its load: %s', async (_, records) => {
    const { name, generation } = await loaded(records);
    await noteVisible(name, '99');
    expect(await generation.mayShow()).toEqual(shownTo(BigInt(records.length)));
    expect(await Array.fromAsync(generation.contents())).toHaveLength(records.length);
  });

  test('is all of its load while it is read again from the beginning', async () => {
    const { generation } = await loaded(two, { isUnclear: true });
    expect(await generation.positions()).toEqual(shownTo(0n));
    expect(await generation.mayShow()).toEqual(shownTo(2n));
    await own(generation, 't/0', [told('a', 1)]);
    await generation.settle();
    expect(await generation.positions()).toEqual(shownTo(1n));
    expect(await generation.mayShow()).toEqual(shownTo(2n));
  });

  test('is more as soon as more is shown, and not before', async () => {
    const { generation } = await loaded([told('a', 1)]);
    await own(generation, 't/0', [told('b', 1)]);
    expect(await generation.mayShow()).toEqual(shownTo(1n));
    await generation.settle();
    expect(await generation.mayShow()).toEqual(shownTo(2n));
  });

  test.each([
    ['what was noted', '7', 7n],
    ['its end', '1', 2n],
  ])('is %s, where the load has left no mark', async (_, noted, most) => {
    const { name, generation } = await loaded(two);
    await store.client.delete({ index: name, id: loadMark('t/0', 1n).id, refresh: true });
    await noteVisible(name, noted);
    expect(await generation.mayShow()).toEqual(shownTo(most));
  });
});

test('offsets that documents tell are in the mapping from the beginning: it changes with no write', async () => {
  const { name, generation } = await opened(uniqueName('loads'), { load: true });
  const fields = async () =>
    (await store.client.indices.getMapping({ index: name }))[`${name}_rows`]?.mappings;
  const before = await fields();
  const claim = await generation.claim('t/0');
  const nothing = { contributed: new Map(), changes: [], links: [], references: new Map() };
  await generation.load({ claim, ...nothing, nextOffset: 3n, loading: '', loadedTo: 3n });
  await own(generation, 't/0', [told('a', 1)]);
  expect(await fields()).toEqual(before);
});
