import { expect, test } from '@jest/globals';
import { oneRow, partition, type Fresh } from './feeding.contract.js';
import { naiveContents } from './history.contract.js';
import {
  advanced,
  feedAs,
  plainTestView,
  settledContents,
  testView,
  told,
  type TestRecord,
} from './test-view.contract.js';

const many = 1_300;
const views = { 'a view of rows alone': plainTestView, 'a view that joins': testView };

/** Batches so large that a store may take another way than for a few. */
export function describeMany(fresh: Fresh): void {
  for (const [what, view] of Object.entries(views))
    test(`of ${what}: many entities at once, then new ones among those that are there, move, change or go`, async () => {
      const generation = await fresh();
      const firsts = Array.from({ length: many }, (_, place) => first(place));
      const seconds = Array.from({ length: many }, (_, place) => second(place));
      let claim = await generation.claim(partition);
      for (const records of [firsts, seconds]) {
        expect(await feedAs(view, generation, { claim, records })).toBe('applied');
        claim = advanced(claim, records);
      }
      expect(await settledContents(generation)).toEqual(naiveContents([...firsts, ...seconds]));
      expect((await generation.positions()).get(partition)).toBe(2n * BigInt(many));
    });

  test('many entities of an owner that lost its partition change nothing', async () => {
    const generation = await fresh();
    const zombie = await generation.claim(partition);
    await generation.claim(partition);
    const records = Array.from({ length: many }, (_, place) => first(place));
    expect(await feedAs(plainTestView, generation, { claim: zombie, records })).toBe('fenced');
    expect(await settledContents(generation)).toEqual([]);
    expect((await generation.contributed(['e1'])).size).toBe(0);
  });
}

/** Most have their own row; some another, two, or none. */
function first(place: number): TestRecord {
  const key = `e${place}`;
  if (place % 7 === 0) return told(key, 1, { rows: [...oneRow(`${key}"`).rows, ...oneRow('ß\t').rows] });
  if (place % 11 === 0) return told(key, 1, { rows: [], refers: ['r/a'] });
  return told(key, 1, oneRow(key, `name ${place}`, place));
}

/** A third each: those that were there, changed or gone; and new ones. */
function second(place: number): TestRecord {
  if (place % 3 === 0) return told(`n${place}`, 1, oneRow(`n${place}`));
  const key = `e${place}`;
  if (place % 3 === 1) return told(key, 2, place % 2 === 0 ? null : oneRow('elsewhere', key));
  return told(key, 2, oneRow(key, 'changed', -place));
}
