import { describe, expect, test } from '@jest/globals';
import { builderSays, generation, reportsAt } from '../../test/facts.js';
import { isCovered, progressOf } from './progress.js';

const targets = [
  { partition: 'flights/0', offset: 600 },
  { partition: 'flights/1', offset: 400 },
];

describe('progress', () => {
  test('counts over all partitions and all builders that share them', () => {
    const facts = reportsAt(0, [
      builderSays('one', { 2: { rate: 40, partitions: { 'flights/0': [300, 650] } } }),
      builderSays('two', { 2: { rate: 10, partitions: { 'flights/1': [100, 400] } } }),
    ]);
    expect(progressOf(generation(2, 'building', { targets }), facts)).toEqual({
      percent: 40,
      recordsApplied: 400,
      recordsPerSecond: 50,
      etaSeconds: 12,
      lagRecords: 650,
      positions: { 'flights/0': 300, 'flights/1': 100 },
    });
  });

  test('is complete only when every record is in', () => {
    const facts = reportsAt(0, [
      builderSays('one', { 2: { partitions: { 'flights/0': [600, 600], 'flights/1': [399, 400] } } }),
    ]);
    expect(progressOf(generation(2, 'building', { targets }), facts)).toMatchObject({
      percent: 99.9,
      etaSeconds: null,
    });
  });

  test('of a partition that nobody reports counts as nothing applied', () => {
    const facts = reportsAt(0, [builderSays('one', { 2: { partitions: { 'flights/0': [600, 600] } } })]);
    expect(progressOf(generation(2, 'catching-up', { targets }), facts)?.lagRecords).toBe(400);
    expect(isCovered(generation(2, 'catching-up', { targets }), facts)).toBe(false);
  });

  test('of an empty log is complete', () => {
    const empty = generation(1, 'building', { targets: [{ partition: 'flights/0', offset: 0 }] });
    expect(progressOf(empty, reportsAt(0, []))).toMatchObject({ percent: 100, lagRecords: 0, etaSeconds: 0 });
  });

  test('of a bulk load counts what is read, though nothing of it is shown before its end', () => {
    const partitions = { 'flights/0': [0, 600], 'flights/1': [0, 400] } as const;
    const loading = (read: number) =>
      reportsAt(0, [builderSays('one', { 2: { rate: 50, read, phase: 'loading', partitions } })]);
    const building = generation(2, 'building', { targets });
    expect(progressOf(building, loading(250))).toMatchObject({ percent: 25, etaSeconds: 15 });
    expect(progressOf(building, loading(1_000))).toMatchObject({ percent: 99.9 });
  });

  test('ends with the generation', () => {
    expect(progressOf(generation(1, 'retired', { targets }), reportsAt(0, []))).toBeNull();
  });
});
