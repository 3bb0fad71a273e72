import { expect, test } from '@jest/globals';
import type { ViewGenerations } from '@reprise/contracts';
import { isRefusal } from '@reprise/decider';
import { canBecome, isFed, parseStatus } from '@reprise/view';
import fc from 'fast-check';
import { commands, statesOf } from '../../test/random-commands.js';
import { generationsDecider } from './decider.js';

function expectAtMostOneLive({ generations, live, previous }: ViewGenerations): void {
  const liveOnes = generations
    .filter(({ status }) => status === 'live')
    .map((generation) => generation.number);
  expect(liveOnes).toEqual(live === null ? [] : [live]);
  const held = generations.filter(
    ({ paused, maxRecordsPerSecond }) => paused || maxRecordsPerSecond !== null,
  );
  expect(held.map(({ status }) => status)).not.toContain('live');
  const before = generations.find((generation) => generation.number === previous);
  expect(previous === null || before?.status === 'standby').toBe(true);
}

function expectLegalSteps(before: ViewGenerations, after: ViewGenerations): void {
  for (const generation of after.generations) {
    const was = before.generations.find((other) => other.number === generation.number);
    if (!was || was.status === generation.status) continue;
    expect(canBecome(parseStatus(was.status), parseStatus(generation.status))).toBe(true);
    expect(isFed(parseStatus(was.status)) || !isFed(parseStatus(generation.status))).toBe(true);
  }
}

test('the commands lead to all that can happen', () => {
  const happened = new Set<string>();
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { before, event } of statesOf(asked))
        happened.add(before?.live == null ? event.event : `${event.event} beside a live one`);
    }),
    { numRuns: 500, seed: 1 },
  );
  const beside = ['FlipAnnounced', 'GenerationFlipped', 'GenerationRolledBack', 'GenerationStarted'];
  expect([...happened]).toEqual(
    expect.arrayContaining([
      ...beside.map((event) => `${event} beside a live one`),
      ...['GenerationPaused', 'GenerationResumed', 'GenerationThrottled', 'GenerationRetired'],
      ...['GenerationDropped', 'GenerationFailed', 'VerificationRequested', 'VerificationConcluded'],
    ]),
  );
});

test('at most one generation is live and it is not held back, and the previous one is on standby', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { after } of statesOf(asked)) expectAtMostOneLive(after);
    }),
  );
});

test('a view that went live stays live', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { before, after } of statesOf(asked))
        expect(before?.live != null && after.live === null).toBe(false);
    }),
  );
});

test('every step is one that the life of a generation has, and what has ended never comes back', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { before, after } of statesOf(asked)) if (before) expectLegalSteps(before, after);
    }),
  );
});

test('a number is never used twice', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      let highest = 0;
      for (const { before, after } of statesOf(asked)) {
        const known = new Set(before?.generations.map((generation) => generation.number));
        const fresh = after.generations
          .map((generation) => generation.number)
          .filter((other) => !known.has(other));
        for (const added of fresh) expect(added).toBeGreaterThan(highest);
        highest = Math.max(highest, ...fresh);
      }
    }),
  );
});

test('no flip and no rollback goes back in time in any partition', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { before, after, asked: command } of statesOf(asked)) {
        if (before?.live == null || after.live === before.live) continue;
        if (command.type !== 'FlipGeneration' && command.type !== 'RollBack')
          throw new Error('only a flip changes what is live');
        expect(command.standing.replaces).toBe(before.live);
        for (const [partition, offset] of command.standing.shown) {
          expect((command.standing.applied.get(partition) ?? 0n) >= offset).toBe(true);
        }
      }
    }),
  );
});

test('a rollback goes to an older generation than was flipped to last, and not forward again', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { before, after, asked: command } of statesOf(asked)) {
        if (command.type !== 'RollBack') continue;
        const [flip, back] = after.flips.slice(-2);
        expect(flip).toMatchObject({ kind: 'flip', to: before?.live, from: after.live });
        expect(back).toMatchObject({ kind: 'rollback', from: before?.live, to: after.live });
      }
    }),
  );
});

test('what stands against a flip is only passed over by force, and kept with the flip', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { after, asked: command } of statesOf(asked)) {
        if (command.type !== 'FlipGeneration') continue;
        const { forced, note } = after.flips.at(-1) ?? {};
        if (command.differing) expect([command.force, forced]).toEqual([true, true]);
        if (command.differing) expect(note).toContain('2 of 9 shadow reads');
        if (!command.differing && command.openLetters === 0) expect(forced).toBe(false);
        if (command.note !== null) expect(note).toContain(command.note);
      }
    }),
  );
});

test('what is announced would be done if it were asked for, and nothing else comes of it', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { before, after, asked: command } of statesOf(asked)) {
        if (command.type !== 'AnnounceFlip') continue;
        const { number, atMs: at } = command.of;
        expect(after).toEqual({ ...before, flipAnnounced: { number, at } });
        expect(generationsDecider.decide(after, command.of)).toMatchObject([{ number, atMs: at }]);
        expect(before?.live).not.toBeNull();
      }
    }),
  );
});

test('asking the same again changes nothing more', () => {
  fc.assert(
    fc.property(commands, (asked) => {
      for (const { after, asked: command } of statesOf(asked)) {
        if (command.type === 'StartRebuild') continue;
        const again = generationsDecider.decide(after, command);
        // Registering makes two facts: between them it has nothing to add either.
        expect(isRefusal(again) || again.length === 0).toBe(true);
      }
    }),
  );
});
