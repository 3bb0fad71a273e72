import { describe, expect, test } from '@jest/globals';
import { builderSays, generation, reportsAt, viewOf, type Said } from '../../test/facts.js';
import { hasApproached } from './approach.js';

const targets = ['flights/0', 'flights/1'].map((partition) => ({ partition, offset: 100 }));
const view = viewOf([generation(1, 'live', { targets }), generation(2, 'ready', { targets })]);

function said(phase: string, offsets: readonly [number, number]): Said {
  const [first, second] = offsets;
  return { phase, partitions: { 'flights/0': [first, 200], 'flights/1': [second, 200] } };
}

function judged(...said: Readonly<Record<number, Said>>[]): boolean {
  const reports = said.map((generations, place) => builderSays(`b${place}`, generations));
  return hasApproached(view, 2, reportsAt(0, reports));
}

describe('a generation has approached the live one', () => {
  test('when that is still, and shows no more anywhere', () => {
    expect(judged({ 1: said('still', [150, 120]), 2: said('approaching', [150, 121]) })).toBe(true);
    expect(judged({ 1: said('still', [150, 120]), 2: said('approaching', [150, 119]) })).toBe(false);
  });

  test('not while the live one still moves, or the other does not tell what it shows', () => {
    expect(judged({ 1: said('feeding', [150, 120]), 2: said('approaching', [150, 120]) })).toBe(false);
    expect(judged({ 1: said('still', [150, 120]), 2: said('feeding', [150, 120]) })).toBe(false);
  });

  test('when all builders that share the two say so', () => {
    const first = { partitions: { 'flights/0': [150, 200] } } as const;
    const second = { partitions: { 'flights/1': [120, 200] } } as const;
    const still = { ...first, phase: 'still' };
    const near = { ...second, phase: 'approaching' };
    const others = { 1: { ...second, phase: 'still' }, 2: { ...first, phase: 'approaching' } };
    expect(judged({ 1: still, 2: near }, others)).toBe(true);
    expect(judged({ 1: still, 2: near }, { ...others, 1: { ...second, phase: 'feeding' } })).toBe(false);
  });

  test('of the streams that it joins, every builder tells: they are left to the query services', () => {
    const joining = (phase: string, joined: number): Said => {
      const { partitions = {} } = said(phase, [150, 120]);
      return { phase, partitions: { ...partitions, 'airports/0': [joined, 9] } };
    };
    expect(judged({ 1: joining('still', 9), 2: joining('approaching', 8) })).toBe(true);
  });
});

describe('nobody is waited for', () => {
  const still = said('feeding', [150, 120]);

  test('when no builder has one of the two', () => {
    expect(judged()).toBe(true);
    expect(judged({ 1: still })).toBe(true);
    expect(judged({ 1: { partitions: { 'flights/0': [1, 2] } }, 2: still })).toBe(true);
  });

  test('when it is live already, or none is', () => {
    const facts = reportsAt(0, [builderSays('b', { 1: still, 2: still })]);
    expect(hasApproached(view, 1, facts)).toBe(true);
    expect(hasApproached({ ...view, live: null }, 2, facts)).toBe(true);
    expect(hasApproached(view, 2, facts)).toBe(false);
  });
});
