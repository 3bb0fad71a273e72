import { describe, expect, test } from '@jest/globals';
import { atMs, codeOf, flipped, given, live, ready } from '../../test/history.js';
import type { FlipGeneration, RollBack } from './commands.js';
import { historyFlips, type GenerationsEvent } from './events.js';

const nothing = new Map<string, bigint>();
const flip = (number: number, replaces: number, about: Partial<FlipGeneration> = {}): FlipGeneration => ({
  type: 'FlipGeneration',
  number,
  standing: { replaces, shown: nothing, applied: nothing },
  openLetters: 0,
  differing: undefined,
  force: false,
  note: null,
  requestedBy: 'bob',
  atMs,
  ...about,
});

const unhindered = { forced: false, note: null };
const rollBack = (number: number, replaces: number, from: number | null = null): RollBack => ({
  type: 'RollBack',
  number,
  from,
  standing: { replaces, shown: nothing, applied: nothing },
  requestedBy: 'eve',
  atMs,
});

describe('the history of flips', () => {
  test('tells who made what live, when, in place of what', () => {
    const { state } = given(...live(1), ...ready(2), flipped(2)).when({
      type: 'RollBack',
      number: 1,
      from: null,
      standing: { replaces: 2, shown: nothing, applied: nothing },
      requestedBy: 'eve',
      atMs: 7,
    });
    expect(state?.flips).toEqual([
      { kind: 'flip', from: null, to: 1, at: atMs, by: 'bob', ...unhindered },
      { kind: 'flip', from: 1, to: 2, at: atMs, by: 'bob', ...unhindered },
      { kind: 'rollback', from: 2, to: 1, at: 7, by: 'eve', ...unhindered },
    ]);
  });

  test('keeps the newest', () => {
    const many = Array.from({ length: historyFlips + 4 }, (_, index) => flipped((index % 2) + 1));
    const { state } = given(...ready(1), ...ready(2), ...many).when(flip(1, 2));
    expect(state?.flips).toHaveLength(historyFlips);
    expect(state?.flips.at(-1)).toMatchObject({ from: 2, to: 1 });
  });
});

describe('a flip that is announced', () => {
  test('is known to all who follow, and changes nothing else', () => {
    const before = given(...live(1), ...ready(2));
    const { state } = before.when({ type: 'AnnounceFlip', of: flip(2, 1) });
    expect(state).toMatchObject({ live: 1, flips: [{ to: 1 }], flipAnnounced: { number: 2, at: atMs } });
  });

  test('is refused for the same reason as itself', () => {
    const { decision } = given(...live(1), ...ready(2)).when({
      type: 'AnnounceFlip',
      of: flip(2, 1, { openLetters: 3 }),
    });
    expect(codeOf(decision)).toBe('letters-open');
  });

  test('is not announced when it is made already, or nothing is live that would have to keep still', () => {
    const made = given(...live(1), ...ready(2), flipped(2));
    expect(made.when({ type: 'AnnounceFlip', of: flip(2, 2) }).decision).toEqual([]);
    const first = given(...ready(1)).when({
      type: 'AnnounceFlip',
      of: { ...flip(1, 1), standing: { replaces: null, shown: nothing, applied: nothing } },
    });
    expect(first.decision).toEqual([]);
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

describe('a generation that answers live reads otherwise', () => {
  const differing = { compared: 100, mismatched: 3, allowed: 2, example: 'to /flights …' };
  const waiting = given(...live(1), ...ready(2));

  test('does not go live, and says how often, with an example', () => {
    const { decision } = waiting.when(flip(2, 1, { differing }));
    expect(codeOf(decision)).toBe('shadow-mismatches');
    expect(decision).toHaveProperty(
      'detail',
      expect.stringMatching(/3 of 100 .* 2 are let pass: to \/flights …/),
    );
  });

  test('goes live when it is forced; who did it, in spite of what and why is kept', () => {
    const { state } = waiting.when(flip(2, 1, { differing, openLetters: 1, force: true, note: 'wanted so' }));
    expect(state?.flips.at(-1)).toMatchObject({
      by: 'bob',
      forced: true,
      note: '1 dead letters are open; 3 of 100 shadow reads were answered otherwise; wanted so',
    });
  });

  test('is live already: asked again, there is nothing against it', () => {
    expect(given(...live(1), ...ready(2), flipped(2)).when(flip(2, 2, { differing })).decision).toEqual([]);
  });

  test('is forced, but not back in time', () => {
    const standing = { replaces: 1, shown: new Map([['t/0', 2n]]), applied: new Map([['t/0', 1n]]) };
    const { decision } = waiting.when(flip(2, 1, { differing, force: true, standing }));
    expect(codeOf(decision)).toBe('generation-behind');
  });

  test('force where nothing stands against it is no force', () => {
    const { state } = waiting.when(flip(2, 1, { force: true }));
    expect(state?.flips.at(-1)).toMatchObject(unhindered);
  });
});

describe('a rollback that was made', () => {
  const back = given(...live(1), ...ready(2), flipped(2)).when(rollBack(1, 2));
  const rolledBack: GenerationsEvent = {
    event: 'GenerationRolledBack',
    number: 1,
    by: 'eve',
    forced: false,
    note: null,
    atMs,
  };
  const history = [...live(1), ...ready(2), flipped(2), rolledBack];

  test.each([
    ['without a word of what to leave', null],
    ['to leave what was left', 2],
    ['to leave what is live now', 1],
  ])('does not go forward again when it is asked for %s', (_, from) => {
    expect(back.state?.live).toBe(1);
    for (const number of [0, 1, 2]) {
      const { decision } = given(...history).when(rollBack(number, 1, from));
      expect(codeOf(decision)).toBe('already-rolled-back');
      expect(decision).toHaveProperty('detail', expect.stringMatching(/from generation 2 to 1, by eve/));
    }
  });

  test('is not taken for another one', () => {
    expect(codeOf(given(...history).when(rollBack(1, 1, 7)).decision)).toBe('overtaken');
  });

  test('can be made again after the way forward was taken again', () => {
    expect(given(...history, flipped(2)).when(rollBack(1, 2, 2)).state?.live).toBe(1);
  });

  test('is not asked of a generation that is not live any more', () => {
    const onward = [...live(1), ...ready(2), flipped(2), ...ready(3), flipped(3)];
    expect(codeOf(given(...onward).when(rollBack(2, 3, 2)).decision)).toBe('overtaken');
    expect(given(...onward).when(rollBack(2, 3, 3)).state?.live).toBe(2);
  });
});

test('of two operators who flip to different generations at once, the second is told', () => {
  const history = [...live(1), ...ready(2), ...ready(3)];
  const first = given(...history).when(flip(2, 1));
  expect(first.state?.live).toBe(2);
  expect(codeOf(given(...history, flipped(2)).when(flip(3, 1)).decision)).toBe('overtaken');
});
