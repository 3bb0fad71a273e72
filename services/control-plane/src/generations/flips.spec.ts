import { describe, expect, test } from '@jest/globals';
import { atMs, codeOf, flipped, given, live, ready } from '../../test/history.js';
import type { FlipGeneration } from './commands.js';
import { historyFlips } from './events.js';

const nothing = new Map<string, bigint>();
const flip = (number: number, replaces: number, about: Partial<FlipGeneration> = {}): FlipGeneration => ({
  type: 'FlipGeneration',
  number,
  standing: { replaces, shown: nothing, applied: nothing },
  openLetters: 0,
  force: false,
  requestedBy: 'bob',
  atMs,
  ...about,
});

describe('the history of flips', () => {
  test('tells who made what live, when, in place of what', () => {
    const { state } = given(...live(1), ...ready(2), flipped(2)).when({
      type: 'RollBack',
      number: 1,
      standing: { replaces: 2, shown: nothing, applied: nothing },
      requestedBy: 'eve',
      atMs: 7,
    });
    expect(state?.flips).toEqual([
      { kind: 'flip', from: null, to: 1, at: atMs, by: 'bob' },
      { kind: 'flip', from: 1, to: 2, at: atMs, by: 'bob' },
      { kind: 'rollback', from: 2, to: 1, at: 7, by: 'eve' },
    ]);
  });

  test('keeps the newest', () => {
    const many = Array.from({ length: historyFlips + 4 }, (_, index) => flipped((index % 2) + 1));
    const { state } = given(...ready(1), ...ready(2), ...many).when(flip(1, 2));
    expect(state?.flips).toHaveLength(historyFlips);
    expect(state?.flips.at(-1)).toMatchObject({ from: 2, to: 1 });
  });
});

describe('a generation whose build set records aside', () => {
  test('does not go live before they are dealt with, or it is forced', () => {
    const waiting = given(...live(1), ...ready(2));
    const { decision } = waiting.when(flip(2, 1, { openLetters: 3 }));
    expect(codeOf(decision)).toBe('letters-open');
    expect(decision).toHaveProperty('detail', expect.stringContaining('3 dead letters are open'));
    expect(waiting.when(flip(2, 1, { openLetters: 3, force: true })).state?.live).toBe(2);
  });

  test('goes back to being live: a way back is never barred by a record that it lacked before', () => {
    const { state } = given(...live(1), ...ready(2), flipped(2)).when(flip(1, 2, { openLetters: 3 }));
    expect(state?.live).toBe(1);
  });
});

test('of two operators who flip to different generations at once, the second is told', () => {
  const history = [...live(1), ...ready(2), ...ready(3)];
  const first = given(...history).when(flip(2, 1));
  expect(first.state?.live).toBe(2);
  expect(codeOf(given(...history, flipped(2)).when(flip(3, 1)).decision)).toBe('overtaken');
});
