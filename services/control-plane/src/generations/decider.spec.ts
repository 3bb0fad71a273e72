import { describe, expect, test } from '@jest/globals';
import { scenario } from '@reprise/decider';
import {
  advanced,
  atMs,
  codeOf,
  flipped,
  given,
  live,
  ready,
  started,
  targets,
  view,
} from '../../test/history.js';
import type { GenerationsCommand, StartRebuild } from './commands.js';
import { generationsDecider } from './decider.js';
import { historyGenerations, type GenerationsEvent } from './events.js';

const at = (offset: bigint) => new Map([['flights/0', offset]]);
const flip = (
  number: number,
  replaces: number | null,
  [shown, applied]: [bigint, bigint] = [0n, 0n],
): GenerationsCommand => ({
  type: 'FlipGeneration',
  number,
  openLetters: 0,
  differing: undefined,
  force: false,
  note: null,
  requestedBy: 'bob',
  standing: { replaces, shown: at(shown), applied: at(applied) },
  atMs,
});
const rollBack = (
  number: number,
  replaces: number,
  [shown, applied]: [bigint, bigint] = [0n, 0n],
): GenerationsCommand => ({
  type: 'RollBack',
  number,
  from: null,
  requestedBy: 'bob',
  standing: { replaces, shown: at(shown), applied: at(applied) },
  atMs,
});
const rebuild: StartRebuild = {
  type: 'StartRebuild',
  definitionVersion: 1,
  fingerprints: [],
  autoFlip: false,
  targets,
  requestedBy: 'bob',
  atMs,
};
const retire = (number: number): GenerationsCommand => ({
  type: 'RetireGeneration',
  number,
  reason: 'retired by bob',
  atMs,
});
describe('a view that is not known', () => {
  test('is registered together with its first generation, which goes live by itself', () => {
    const { state } = scenario(generationsDecider)
      .given()
      .when({
        type: 'RegisterView',
        fingerprint: 'f1',
        view,
        definitionVersion: 3,
        sourceTopics: ['flights'],
        targets,
        requestedBy: 'ann',
        atMs,
      });
    expect(state).toMatchObject({
      view,
      live: null,
      previous: null,
      definitionVersion: 3,
      sourceTopics: ['flights'],
    });
    expect(state?.generations).toEqual([
      expect.objectContaining({
        number: 1,
        status: 'building',
        autoFlip: true,
        definitionVersion: 3,
        targets,
      }),
    ]);
  });

  test('refuses everything else as unknown', () => {
    expect(codeOf(scenario(generationsDecider).given().when(rebuild).decision)).toBe('unknown-view');
  });
});

describe('what is done already', () => {
  test.each<[string, GenerationsEvent[], GenerationsCommand]>([
    [
      'registering again',
      [],
      {
        type: 'RegisterView',
        fingerprint: 'f1',
        view,
        definitionVersion: 1,
        sourceTopics: [],
        targets,
        requestedBy: 'ann',
        atMs,
      },
    ],
    [
      'announcing an older definition',
      [],
      { type: 'AnnounceDefinition', definitionVersion: 1, sourceTopics: [] },
    ],
    [
      'advancing to where it was before',
      ready(1),
      { type: 'AdvanceGeneration', number: 1, to: 'verifying', atMs },
    ],
    ['advancing to where it was', live(1), { type: 'AdvanceGeneration', number: 1, to: 'catching-up', atMs }],
    ['flipping to the live one', live(1), flip(1, null)],
  ])('%s is no event', (_, history, command) => {
    expect(given(...history).when(command).decision).toEqual([]);
  });
});

describe('a rebuild', () => {
  test('gets the next number, and the definition that is asked for', () => {
    const announced: GenerationsEvent = {
      event: 'DefinitionAnnounced',
      definitionVersion: 2,
      sourceTopics: ['flights'],
    };
    const { state } = given(...live(1), announced).when({ ...rebuild, definitionVersion: 2 });
    expect(state?.generations[1]).toMatchObject({
      number: 2,
      definitionVersion: 2,
      status: 'building',
      requestedBy: 'bob',
    });
    expect(state?.live).toBe(1);
  });

  test.each<[string, GenerationsEvent[]]>([
    ['building', [started(2)]],
    ['catching up', [started(2), advanced(2, 'catching-up')]],
    ['about to flip by itself', ready(2, true)],
  ])('is refused while another one is %s', (_, under) => {
    expect(codeOf(given(...live(1), ...under).when(rebuild).decision)).toBe('rebuild-under-way');
  });

  test('is taken while another generation is ready and waits for the operator', () => {
    expect(given(...live(1), ...ready(2)).when(rebuild).state?.generations).toHaveLength(3);
  });
});

describe('a flip', () => {
  test('puts the old generation on standby in the same fact', () => {
    const { decision, state } = given(...live(1), ...ready(2)).when(flip(2, 1, [5n, 5n]));
    expect(decision).toEqual([flipped(2)]);
    expect(state).toMatchObject({ live: 2, previous: 1 });
    expect(state?.generations.map(({ status }) => status)).toEqual(['standby', 'live']);
  });

  test('is refused while the new generation is behind, with partition and distance', () => {
    const { decision } = given(...live(1), ...ready(2)).when(flip(2, 1, [17n, 5n]));
    expect(decision).toMatchObject({ kind: 'conflict', code: 'generation-behind' });
    expect(decision).toHaveProperty('detail', expect.stringContaining('by 12 records in flights/0'));
  });

  test('is refused when the positions are of another live generation than the one there is', () => {
    const history = [...live(1), ...ready(2), ...ready(3), flipped(2)];
    expect(codeOf(given(...history).when(flip(3, 1, [0n, 9n])).decision)).toBe('overtaken');
  });

  test('is refused to a generation that is not ready', () => {
    expect(codeOf(given(...live(1), started(2)).when(flip(2, 1)).decision)).toBe('generation-status');
  });

  test('is refused to a generation that there never was', () => {
    expect(codeOf(given(...live(1)).when(flip(9, 1)).decision)).toBe('unknown-generation');
  });
});

describe('a rollback', () => {
  const history = [...live(1), ...ready(2), flipped(2)];

  test('goes back to the previous generation, and leaves nothing to roll back to', () => {
    const { state } = given(...history).when(rollBack(1, 2, [7n, 7n]));
    expect(state).toMatchObject({ live: 1, previous: null });
  });

  test('is refused when the previous generation is behind: time does not run backwards', () => {
    expect(codeOf(given(...history).when(rollBack(1, 2, [7n, 6n])).decision)).toBe('generation-behind');
  });

  test('is refused when there is nothing to go back to', () => {
    expect(codeOf(given(...live(1)).when(rollBack(0, 1)).decision)).toBe('nothing-to-roll-back-to');
  });

  test('is refused when another generation has become the previous one meanwhile', () => {
    expect(codeOf(given(...history, ...ready(3), flipped(3)).when(rollBack(1, 2)).decision)).toBe(
      'overtaken',
    );
  });

  test('is refused once the previous generation is retired', () => {
    const retired: GenerationsEvent = { event: 'GenerationRetired', number: 1, reason: 'x', atMs };
    expect(codeOf(given(...history, retired).when(rollBack(1, 2)).decision)).toBe('nothing-to-roll-back-to');
  });
});

describe('the end of a generation', () => {
  test('retiring keeps it, with its reason', () => {
    const { state } = given(...live(1), ...ready(2)).when(retire(2));
    expect(state?.generations[1]).toMatchObject({
      status: 'retired',
      reason: 'retired by bob',
      dropped: false,
    });
  });

  test('the live one is not retired, and does not fail', () => {
    expect(codeOf(given(...live(1)).when(retire(1)).decision)).toBe('generation-live');
    const fail: GenerationsCommand = { type: 'FailGeneration', number: 1, reason: 'x', atMs };
    expect(codeOf(given(...live(1)).when(fail).decision)).toBe('generation-status');
  });

  test('a generation that is fed is never taken for dropped', () => {
    expect(codeOf(given(...live(1)).when({ type: 'ConfirmDropped', number: 1 }).decision)).toBe(
      'generation-fed',
    );
  });

  test('only so many dropped generations are remembered, and no number is used again', () => {
    const gone = (number: number): GenerationsEvent[] => [
      started(number),
      { event: 'GenerationRetired', number, reason: 'x', atMs },
      { event: 'GenerationDropped', number },
    ];
    const many = Array.from({ length: historyGenerations + 5 }, (_, index) => gone(index + 2)).flat();
    const { state } = given(...live(1), ...many).when(rebuild);
    expect(state?.generations).toHaveLength(historyGenerations + 2);
    expect(state?.generations.at(0)).toMatchObject({ number: 1, status: 'live' });
    expect(state?.generations.at(-1)).toMatchObject({ number: historyGenerations + 7, status: 'building' });
  });
});
