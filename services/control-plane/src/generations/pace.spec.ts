import { describe, expect, test } from '@jest/globals';
import { advanced, atMs, codeOf, flipped, given, live, ready, started } from '../../test/history.js';
import type { GenerationsCommand } from './commands.js';
import type { GenerationsEvent } from './events.js';

const pause = (number: number): GenerationsCommand => ({ type: 'PauseGeneration', number, atMs });
const resume = (number: number): GenerationsCommand => ({ type: 'ResumeGeneration', number, atMs });
const cancel = (number: number): GenerationsCommand => ({
  type: 'CancelGeneration',
  number,
  requestedBy: 'bob',
  atMs,
});
const throttle = (number: number, maxRecordsPerSecond: number | null): GenerationsCommand => ({
  type: 'ThrottleGeneration',
  number,
  maxRecordsPerSecond,
  atMs,
});
const advance = (number: number, to: 'catching-up' | 'verifying'): GenerationsCommand => ({
  type: 'AdvanceGeneration',
  number,
  to,
  atMs,
});
const flip = (number: number, replaces: number | null): GenerationsCommand => ({
  type: 'FlipGeneration',
  number,
  openLetters: 0,
  differing: undefined,
  force: false,
  note: null,
  requestedBy: 'bob',
  standing: { replaces, shown: new Map(), applied: new Map() },
  atMs,
});
const paused = (number: number): GenerationsEvent => ({ event: 'GenerationPaused', number, atMs });
const standby = [...live(1), ...ready(2), flipped(2)];
const underWay: [string, GenerationsEvent[]][] = [
  ['building', [started(1)]],
  ['catching up', [started(1), advanced(1, 'catching-up')]],
];

describe('a generation that is paused', () => {
  test.each([...underWay, ['ready', ready(1)], ['on standby', standby]] as const)(
    'while %s stays so until it is resumed, and each is asked for twice in vain',
    (_, history) => {
      const { state } = given(...history).when(pause(1));
      expect(state?.generations[0]?.paused).toBe(true);
      expect(given(...history, paused(1)).when(pause(1)).decision).toEqual([]);
      const resumed = given(...history, paused(1)).when(resume(1));
      expect(resumed.state?.generations[0]?.paused).toBe(false);
      expect(given(...history).when(resume(1)).decision).toEqual([]);
    },
  );

  test('goes neither on nor live', () => {
    expect(codeOf(given(started(1), paused(1)).when(advance(1, 'catching-up')).decision)).toBe(
      'generation-paused',
    );
    expect(codeOf(given(...ready(1), paused(1)).when(flip(1, null)).decision)).toBe('generation-paused');
    const back: GenerationsCommand = {
      type: 'RollBack',
      number: 1,
      from: null,
      requestedBy: 'bob',
      standing: { replaces: 2, shown: new Map(), applied: new Map() },
      atMs,
    };
    expect(codeOf(given(...standby, paused(1)).when(back).decision)).toBe('generation-paused');
  });

  test('is not verified: it stands still', () => {
    const verify: GenerationsCommand = {
      type: 'RequestVerification',
      number: 1,
      repair: false,
      against: null,
      requestedBy: 'bob',
      atMs,
    };
    expect(codeOf(given(...ready(1), paused(1)).when(verify).decision)).toBe('generation-paused');
  });

  test('is not paused any more once it is retired', () => {
    const { state } = given(started(1), paused(1)).when(cancel(1));
    expect(state?.generations[0]).toMatchObject({ status: 'retired', paused: false });
  });
});

test('the live generation is never held back', () => {
  expect(codeOf(given(...live(1)).when(pause(1)).decision)).toBe('generation-status');
  expect(codeOf(given(...live(1)).when(throttle(1, 5)).decision)).toBe('generation-status');
});

test('a check is not interrupted by a pause', () => {
  const asked: GenerationsEvent = {
    event: 'VerificationRequested',
    number: 1,
    repair: false,
    against: null,
    requestedBy: 'bob',
    atMs,
  };
  expect(codeOf(given(...standby, asked).when(pause(1)).decision)).toBe('verification-under-way');
});

describe('a throttle', () => {
  test('is remembered, changed and taken off', () => {
    const slow: GenerationsEvent = {
      event: 'GenerationThrottled',
      number: 1,
      maxRecordsPerSecond: 500,
      atMs,
    };
    expect(given(started(1)).when(throttle(1, 500)).decision).toEqual([slow]);
    expect(given(started(1), slow).when(throttle(1, 500)).decision).toEqual([]);
    expect(given(started(1), slow).when(throttle(1, null)).state?.generations[0]).toMatchObject({
      maxRecordsPerSecond: null,
    });
  });

  test.each([0, -1, 1.5])('of %d records a second is refused', (rate) => {
    expect(codeOf(given(started(1)).when(throttle(1, rate)).decision)).toBe('invalid-rate');
  });

  test('ends when the generation goes live', () => {
    const slow: GenerationsEvent = {
      event: 'GenerationThrottled',
      number: 1,
      maxRecordsPerSecond: 500,
      atMs,
    };
    const { state } = given(...ready(1), slow).when(flip(1, null));
    expect(state?.generations[0]).toMatchObject({ status: 'live', maxRecordsPerSecond: null });
  });
});

describe('cancelling', () => {
  test.each([
    ...underWay,
    ['verifying', [started(1), advanced(1, 'catching-up'), advanced(1, 'verifying')]],
    ['about to flip by itself', ready(1, true)],
  ] as const)('a rebuild that is %s retires it, in the name of whoever asks', (_, history) => {
    const { state } = given(...history).when(cancel(1));
    expect(state?.generations[0]).toMatchObject({ status: 'retired', reason: 'cancelled by bob' });
  });

  test('what is not under way is refused', () => {
    expect(codeOf(given(...live(1)).when(cancel(1)).decision)).toBe('rebuild-not-under-way');
    expect(codeOf(given(...ready(1)).when(cancel(1)).decision)).toBe('rebuild-not-under-way');
  });
});
