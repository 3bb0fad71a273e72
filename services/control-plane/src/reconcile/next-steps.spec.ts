import { describe, expect, test } from '@jest/globals';
import { builderSays, generation, reportsAt, viewOf } from '../../test/facts.js';
import { nextSteps } from './next-steps.js';
import { tombstonesKeptMs } from './tombstones.js';

const nowMs = 5_000;
const open = { kind: 'open', note: null } as const;
const rules = { readyLagRecords: 10, tombstonesKeptMs: () => 60_000 };
const steps = (view: Parameters<typeof nextSteps>[0], facts: Parameters<typeof nextSteps>[1], now = nowMs) =>
  nextSteps(view, facts, { rules, nowMs: now, expiryOf: () => null, shadowGateOf: () => open });
const at = (next: number, end: number) => ({ partitions: { 'flights/0': [next, end] as const } });
const says = (number: number, said: Parameters<typeof builderSays>[1][number]) =>
  reportsAt(nowMs, [builderSays('one', { [number]: said })]);
const commands = (found: ReturnType<typeof nextSteps>) =>
  found.flatMap((step) => (step.kind === 'execute' ? [step.command] : []));

describe('a view without generations', () => {
  test('is registered when a builder announces it, by the newest definition', () => {
    const facts = reportsAt(nowMs, [
      builderSays('old', {}),
      builderSays('new', {}, { definitionVersion: 2 }),
    ]);
    expect(steps(undefined, facts)).toEqual([
      { kind: 'register', builder: expect.objectContaining({ definitionVersion: 2 }) },
    ]);
  });

  test('is left alone when no builder runs', () => {
    expect(steps(undefined, reportsAt(nowMs, []))).toEqual([]);
  });
});

describe('a generation', () => {
  test('catches up once every partition has reached its target', () => {
    const building = viewOf([generation(1, 'building')]);
    expect(steps(building, says(1, at(99, 100)))).toEqual([]);
    expect(commands(steps(building, says(1, at(100, 500))))).toEqual([
      { type: 'AdvanceGeneration', number: 1, to: 'catching-up', atMs: nowMs },
    ]);
  });

  test('is verified once its lag is within the threshold', () => {
    const catchingUp = viewOf([generation(1, 'catching-up')]);
    expect(steps(catchingUp, says(1, at(489, 500)))).toEqual([]);
    expect(commands(steps(catchingUp, says(1, at(490, 500))))).toEqual([
      { type: 'AdvanceGeneration', number: 1, to: 'verifying', atMs: nowMs },
    ]);
  });

  test('is not verified while nobody reads one of its partitions, even of an empty log', () => {
    const empty = viewOf([
      generation(1, 'catching-up', { targets: [{ partition: 'flights/0', offset: 0 }] }),
    ]);
    expect(steps(empty, says(1, { partitions: {} }))).toEqual([]);
    expect(steps(empty, says(1, at(0, 0)))).toHaveLength(1);
  });

  test('that another one leaves behind is not verified: the furthest end counts', () => {
    const view = viewOf([generation(1, 'live'), generation(2, 'catching-up')]);
    const facts = reportsAt(nowMs, [builderSays('one', { 1: at(900, 900), 2: at(200, 200) })]);
    expect(steps(view, facts)).toEqual([]);
  });

  test('flips by itself when it is ready and was told to', () => {
    expect(steps(viewOf([generation(1, 'ready', { autoFlip: true })]), says(1, at(100, 100)))).toEqual([
      { kind: 'flip', number: 1, note: null },
    ]);
    expect(steps(viewOf([generation(1, 'ready')]), says(1, at(100, 100)))).toEqual([]);
  });

  test('never flips by itself over a newer one', () => {
    const view = viewOf([generation(2, 'ready', { autoFlip: true }), generation(3, 'live')]);
    expect(steps(view, says(2, at(100, 100)))).toEqual([]);
  });

  test('that is paused goes nowhere, but the time that tombstones are kept goes on', () => {
    const paused = { paused: true, autoFlip: true };
    expect(steps(viewOf([generation(1, 'building', paused)]), says(1, at(100, 100)))).toEqual([]);
    expect(steps(viewOf([generation(1, 'ready', paused)]), says(1, at(100, 100)))).toEqual([]);
    const tooLong = steps(viewOf([generation(1, 'building', paused)]), says(1, at(100, 100)), 60_001);
    expect(commands(tooLong)).toMatchObject([{ type: 'FailGeneration' }]);
  });

  test('fails when it has been building for longer than tombstones are kept', () => {
    const view = viewOf([generation(1, 'building')]);
    expect(steps(view, says(1, at(50, 100)), 60_000)).toEqual([]);
    expect(commands(steps(view, says(1, at(100, 100)), 60_001))).toEqual([
      expect.objectContaining({
        type: 'FailGeneration',
        number: 1,
        reason: expect.stringContaining('tombstones'),
      }),
    ]);
  });

  test('is noted as dropped only when it is retired or failed', () => {
    const dropped = says(1, { dropped: true });
    expect(commands(steps(viewOf([generation(1, 'retired')]), dropped))).toEqual([
      { type: 'ConfirmDropped', number: 1 },
    ]);
    expect(steps(viewOf([generation(1, 'standby')]), dropped)).toEqual([]);
    expect(steps(viewOf([generation(1, 'retired', { dropped: true })]), dropped)).toEqual([]);
  });
});

describe('a check that is under way', () => {
  const asked = {
    id: 2,
    repair: false,
    against: null,
    requestedBy: 'ann',
    requestedAt: 0,
    concludedAt: null,
    entitiesChecked: 0,
    differences: 0,
    repaired: 0,
    problem: null,
    samples: [],
  };
  const checked = viewOf([generation(1, 'verifying', { verification: asked })]);
  const done = { id: 2, isDone: true, entitiesChecked: 9, differences: 1 };

  test('is concluded when a builder has carried it through', () => {
    expect(steps(checked, says(1, { verification: { ...done, isDone: false } }))).toEqual([]);
    expect(commands(steps(checked, says(1, { verification: done })))).toEqual([
      {
        type: 'ConcludeVerification',
        number: 1,
        id: 2,
        result: { entitiesChecked: 9, differences: 1, repaired: 0, problem: null, samples: [] },
        atMs: nowMs,
      },
    ]);
  });

  test('is not concluded by what is told of an older one', () => {
    expect(steps(checked, says(1, { verification: { ...done, id: 1 } }))).toEqual([]);
  });

  test('that several builders share is over when all of them are done', () => {
    const other = (isDone: boolean) =>
      reportsAt(nowMs, [
        builderSays('one', { 1: { verification: done } }),
        builderSays('two', { 1: { verification: { ...done, isDone } } }),
      ]);
    expect(steps(checked, other(false))).toEqual([]);
    expect(commands(steps(checked, other(true)))).toMatchObject([
      { result: { entitiesChecked: 18, differences: 2 } },
    ]);
  });

  test('is over when the generation that it compares with is gone', () => {
    const compared = generation(1, 'standby', { verification: { ...asked, against: 2 } });
    expect(commands(steps(viewOf([compared, generation(2, 'retired')]), says(1, at(9, 9))))).toMatchObject([
      { type: 'ConcludeVerification', result: { problem: 'generation 2 is gone' } },
    ]);
    expect(steps(viewOf([compared, generation(2, 'standby')]), says(1, at(9, 9)))).toEqual([]);
  });

  test('of a generation that is catching up is waited for', () => {
    const view = viewOf([generation(1, 'catching-up', { verification: asked })]);
    expect(steps(view, says(1, at(490, 500)))).toEqual([]);
  });
});

test.each(['building', 'catching-up', 'verifying', 'ready', 'standby'] as const)(
  'a generation that is %s fails once it stood still longer than tombstones are kept',
  (status) => {
    const view = viewOf([generation(1, status)]);
    const still = (expiresAtMs: number) =>
      commands(
        nextSteps(view, reportsAt(nowMs, []), {
          rules,
          nowMs,
          expiryOf: () => expiresAtMs,
          shadowGateOf: () => open,
        }),
      );
    expect(still(nowMs)).toEqual([]);
    expect(still(nowMs - 1)).toEqual([
      expect.objectContaining({
        type: 'FailGeneration',
        number: 1,
        reason: 'it stood still longer than tombstones are kept: rebuild it',
      }),
    ]);
  },
);

test('the live generation is never taken from its readers, however long it stood still', () => {
  const live = viewOf([generation(1, 'live')]);
  expect(
    nextSteps(live, reportsAt(nowMs, []), { rules, nowMs, expiryOf: () => 0, shadowGateOf: () => open }),
  ).toEqual([]);
});

test('a newer definition is announced, an older one is not', () => {
  const facts = reportsAt(nowMs, [builderSays('one', {}, { definitionVersion: 2 })]);
  expect(commands(steps(viewOf([generation(1, 'live')]), facts))).toEqual([
    { type: 'AnnounceDefinition', definitionVersion: 2, sourceTopics: ['flights'] },
  ]);
  expect(steps(viewOf([generation(1, 'live')], { definitionVersion: 3 }), facts)).toEqual([]);
});

test('tombstones are kept as the contract says, and for a day where there is none', () => {
  expect(tombstonesKeptMs(['reprise.generation'])).toBe(604_800_000);
  expect(tombstonesKeptMs(['of-someone-else'])).toBe(86_400_000);
});
