import { expect, test } from '@jest/globals';
import type { ViewGenerations } from '@reprise/contracts';
import { isRefusal } from '@reprise/decider';
import { canBecome, isFed, parseStatus } from '@reprise/view';
import fc from 'fast-check';
import type { FlipStanding, GenerationsCommand, VerificationResult } from './commands.js';
import { generationsDecider } from './decider.js';
import { evolve } from './events.js';

const view = 'any-view';
const number = fc.integer({ min: 1, max: 6 });
const atMs = fc.integer({ min: 0, max: 1_000 });
const positions = fc
  .dictionary(fc.constantFrom('t/0', 't/1'), fc.bigInt({ min: 0n, max: 3n }))
  .map((offsets) => new Map(Object.entries(offsets)));
const standing: fc.Arbitrary<FlipStanding> = fc.record({
  replaces: fc.option(number),
  shown: positions,
  applied: positions,
});
const register = fc.constant<GenerationsCommand>({
  type: 'RegisterView',
  fingerprint: '',
  view,
  definitionVersion: 1,
  sourceTopics: ['t'],
  targets: [],
  requestedBy: 'ann',
  atMs: 0,
});
const result: fc.Arbitrary<VerificationResult> = fc.record({
  entitiesChecked: fc.nat(5),
  differences: fc.nat(2),
  repaired: fc.nat(2),
  problem: fc.option(fc.constant('the store is away'), { freq: 3 }),
  samples: fc.constant([]),
});
const command: fc.Arbitrary<GenerationsCommand> = fc.oneof(
  register,
  fc.record({
    type: fc.constant('AnnounceDefinition' as const),
    definitionVersion: number,
    sourceTopics: fc.constant(['t']),
  }),
  fc.record({
    type: fc.constant('StartRebuild' as const),
    definitionVersion: fc.constantFrom(1, 2),
    fingerprints: fc.subarray(['a', 'b']),
    autoFlip: fc.boolean(),
    targets: fc.constant([]),
    requestedBy: fc.constant('bob'),
    atMs,
  }),
  fc.record({
    type: fc.constant('AdvanceGeneration' as const),
    number,
    to: fc.constantFrom('catching-up' as const, 'verifying' as const),
    atMs,
  }),
  fc.record({
    type: fc.constant('RequestVerification' as const),
    number,
    repair: fc.boolean(),
    against: fc.option(number),
    requestedBy: fc.constant('bob'),
    atMs,
  }),
  fc.record({
    type: fc.constant('ConcludeVerification' as const),
    number,
    id: fc.integer({ min: 1, max: 3 }),
    result,
    atMs,
  }),
  fc.record({ type: fc.constant('PauseGeneration' as const), number, atMs }),
  fc.record({ type: fc.constant('ResumeGeneration' as const), number, atMs }),
  fc.record({
    type: fc.constant('ThrottleGeneration' as const),
    number,
    maxRecordsPerSecond: fc.option(fc.integer({ min: 1, max: 3 })),
    atMs,
  }),
  fc.record({
    type: fc.constant('CancelGeneration' as const),
    number,
    requestedBy: fc.constant('bob'),
    atMs,
  }),
  fc.record({ type: fc.constant('FailGeneration' as const), number, reason: fc.constant('broken'), atMs }),
  fc.record({
    type: fc.constant('FlipGeneration' as const),
    number,
    standing,
    openLetters: fc.nat(1),
    differing: fc.option(fc.constant({ compared: 9, mismatched: 2, allowed: 1, example: '' }), {
      nil: undefined,
    }),
    force: fc.boolean(),
    note: fc.option(fc.constant('hurry')),
    requestedBy: fc.constant('bob'),
    atMs,
  }),
  fc.record({
    type: fc.constant('RollBack' as const),
    number,
    from: fc.option(number),
    standing,
    requestedBy: fc.constant('bob'),
    atMs,
  }),
  fc.record({ type: fc.constant('RetireGeneration' as const), number, reason: fc.constant('enough'), atMs }),
  fc.record({ type: fc.constant('ConfirmDropped' as const), number }),
);
/** A random word at every place; every second flip and rollback has the standing right, so that many go through. */
const commands = fc.tuple(register, fc.array(fc.tuple(command, fc.boolean()), { maxLength: 60 }));

function withTrueStanding(
  wanted: GenerationsCommand,
  state: ViewGenerations | undefined,
): GenerationsCommand {
  if (!state) return wanted;
  if (wanted.type === 'AdvanceGeneration')
    return { ...wanted, number: state.generations.at(-1)?.number ?? 1 };
  if (wanted.type === 'ConcludeVerification') {
    const waiting = state.generations.find(({ verification }) => verification?.concludedAt === null);
    return waiting
      ? { ...wanted, number: waiting.number, id: waiting.verification?.id ?? wanted.id }
      : wanted;
  }
  if (wanted.type !== 'FlipGeneration' && wanted.type !== 'RollBack') return wanted;
  const standing = { ...wanted.standing, replaces: state.live };
  if (wanted.type === 'FlipGeneration') return { ...wanted, standing };
  return { ...wanted, number: state.previous ?? wanted.number, from: state.live, standing };
}

/** Every state that the commands lead through, with the command before it. */
function* statesOf([first, rest]: [GenerationsCommand, [GenerationsCommand, boolean][]]) {
  let state: ViewGenerations | undefined;
  for (const [wanted, mend] of [[first, false] as const, ...rest]) {
    const asked = mend ? withTrueStanding(wanted, state) : wanted;
    const decision = generationsDecider.decide(state, asked);
    if (isRefusal(decision)) continue;
    for (const event of decision) {
      const before = state;
      state = evolve(state, event);
      yield { before, after: state, asked };
    }
  }
}

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
