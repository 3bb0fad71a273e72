import { expect, test } from '@jest/globals';
import { median, ratio, table, yardstickOfAll, type Measurement } from './results.js';

const of = (what: string, store: string | undefined, seconds: readonly number[]): Measurement => ({
  what,
  store,
  order: 'time-order',
  runs: seconds.map((one) => ({ records: 1_000, seconds: one, phases: {} })),
});

test('the median of an even number of runs lies between the middle two', () => {
  expect(median([4, 1, 2])).toBe(2);
  expect(median([1, 2, 4, 10])).toBe(3);
});

test('a rate is compared with the straight line into the same store', () => {
  const measured = of('Reprise', 'redis', [4]);
  const all = [of(yardstickOfAll, 'postgres', [1]), of(yardstickOfAll, 'redis', [2]), measured];
  expect(ratio(measured, all)).toBe(0.5);
  expect(ratio(of('read', undefined, [1]), all)).toBeUndefined();
});

test('what could not be measured is in the table with its reason', () => {
  const missing = { ...of('Kafka Connect', 'postgres', []), failure: 'mvn was not found' };
  expect(table([missing])).toContain('not measured: mvn was not found');
});

test('rates are told with their spread', () => {
  expect(table([of('Reprise', 'redis', [1, 2, 4])])).toMatch(/redis Reprise +500 +250 – 1,000 +2\.0/);
});
