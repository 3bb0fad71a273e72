import { expect, test } from '@jest/globals';
import { UnreadTrials } from './unread-trials.js';

/** How many batches are read first until the next trial. */
function restOf(trials: UnreadTrials, partition: string): number {
  let batches = 0;
  while (!trials.isDue(partition)) batches += 1;
  return batches;
}

test('trials that fail in a row are made ever more rarely, up to a bound', () => {
  const trials = new UnreadTrials();
  const rests = Array.from({ length: 8 }, () => {
    const rest = restOf(trials, 't/0');
    trials.note('t/0', false);
    return rest;
  });
  expect(rests).toEqual([0, 2, 4, 8, 16, 32, 64, 64]);
});

test('after one that succeeds every batch is tried again; partitions have nothing to do with each other', () => {
  const trials = new UnreadTrials();
  trials.note('t/0', false);
  expect(trials.isDue('t/0')).toBe(false);
  expect(trials.isDue('t/1')).toBe(true);
  trials.note('t/0', true);
  expect(restOf(trials, 't/0')).toBe(0);
});
