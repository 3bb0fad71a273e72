import type { ViewGenerations } from '@reprise/contracts';
import { isRefusal } from '@reprise/decider';
import { furthest } from '@reprise/kernel';
import fc from 'fast-check';
import type {
  FlipGeneration,
  FlipStanding,
  GenerationsCommand,
  RollBack,
  VerificationResult,
} from '../src/generations/commands.js';
import { generationsDecider } from '../src/generations/decider.js';
import { evolve } from '../src/generations/events.js';
import { correct } from './history.js';

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
const flip: fc.Arbitrary<FlipGeneration> = fc.record({
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
});
const rollBack: fc.Arbitrary<RollBack> = fc.record({
  type: fc.constant('RollBack' as const),
  number,
  from: fc.option(number),
  standing,
  requestedBy: fc.constant('bob'),
  atMs,
});
const advance = fc.record({
  type: fc.constant('AdvanceGeneration' as const),
  number,
  to: fc.constantFrom('catching-up' as const, 'verifying' as const),
  atMs,
});
const conclude = fc.record({
  type: fc.constant('ConcludeVerification' as const),
  number,
  id: fc.integer({ min: 1, max: 3 }),
  result,
  atMs,
});
const startRebuild = fc.record({
  type: fc.constant('StartRebuild' as const),
  definitionVersion: fc.constantFrom(1, 2),
  fingerprints: fc.subarray(['a', 'b']),
  autoFlip: fc.boolean(),
  targets: fc.constant([]),
  requestedBy: fc.constant('bob'),
  atMs,
});
const rarer: fc.Arbitrary<GenerationsCommand> = fc.oneof(
  register,
  fc.record({
    type: fc.constant('AnnounceDefinition' as const),
    definitionVersion: number,
    sourceTopics: fc.constant(['t']),
  }),
  fc.record({
    type: fc.constant('RequestVerification' as const),
    number,
    repair: fc.boolean(),
    against: fc.option(number),
    requestedBy: fc.constant('bob'),
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
  fc.record({ type: fc.constant('RetireGeneration' as const), number, reason: fc.constant('enough'), atMs }),
  fc.record({ type: fc.constant('ConfirmDropped' as const), number }),
);
/** More of those that lead a generation to be live, or hardly any ever would. */
const command: fc.Arbitrary<GenerationsCommand> = fc.oneof(
  { weight: 8, arbitrary: advance },
  { weight: 6, arbitrary: conclude },
  { weight: 3, arbitrary: startRebuild },
  { weight: 4, arbitrary: flip },
  { weight: 2, arbitrary: rollBack },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('AnnounceFlip' as const), of: fc.oneof(flip, rollBack) }),
  },
  { weight: 3, arbitrary: rarer },
);
type Fit = 'none' | 'place' | 'place and time';

/** A random word at every place; most of those that have to fit what is there are made to, so that many go through. */
export const commands = fc.tuple(
  register,
  fc.array(fc.tuple(command, fc.constantFrom<Fit[]>('none', 'place', 'place and time')), {
    minLength: 20,
    maxLength: 120,
    size: 'max',
  }),
);

/** The same command about what is there, so that it goes through, if it can at all. */
function fitting(
  wanted: GenerationsCommand,
  state: ViewGenerations | undefined,
  fit: Fit,
): GenerationsCommand {
  if (!state || fit === 'none') return wanted;
  if (wanted.type === 'AdvanceGeneration') {
    const generation = state.generations.findLast(({ status }) => status in nextStep);
    const to = nextStep[generation?.status ?? ''];
    return generation && to ? { ...wanted, number: generation.number, to } : wanted;
  }
  if (wanted.type === 'ConcludeVerification') {
    const waiting = state.generations.find(({ verification }) => verification?.concludedAt === null);
    const id = waiting?.verification?.id ?? wanted.id;
    return { ...wanted, number: waiting?.number ?? wanted.number, id, result: correct };
  }
  if (wanted.type === 'ResumeGeneration') {
    const paused = state.generations.find((generation) => generation.paused);
    return { ...wanted, number: paused?.number ?? wanted.number };
  }
  if (wanted.type === 'StartRebuild') return { ...wanted, fingerprints: [] };
  if (wanted.type === 'AnnounceFlip') return { ...wanted, of: fittingFlip(wanted.of, state, fit) };
  return wanted.type === 'FlipGeneration' || wanted.type === 'RollBack'
    ? fittingFlip(wanted, state, fit)
    : wanted;
}

const nextStep: Readonly<Record<string, 'catching-up' | 'verifying'>> = {
  building: 'catching-up',
  'catching-up': 'verifying',
};

function fittingFlip(
  wanted: FlipGeneration | RollBack,
  state: ViewGenerations,
  fit: Fit,
): FlipGeneration | RollBack {
  const { shown, applied } = wanted.standing;
  const inTime = fit === 'place and time' ? furthest(shown, applied) : applied;
  const standing = { shown, applied: inTime, replaces: state.live };
  if (wanted.type === 'RollBack')
    return { ...wanted, number: state.previous ?? wanted.number, from: state.live, standing };
  const ready = state.generations.findLast(({ status }) => status === 'ready');
  return { ...wanted, number: ready?.number ?? wanted.number, standing };
}

/** Every state that the commands lead through, with the command before it. */
export function* statesOf([first, rest]: [GenerationsCommand, [GenerationsCommand, Fit][]]) {
  let state: ViewGenerations | undefined;
  for (const [wanted, fit] of [[first, 'none'] as const, ...rest]) {
    const asked = fitting(wanted, state, fit);
    const decision = generationsDecider.decide(state, asked);
    if (isRefusal(decision)) continue;
    for (const event of decision) {
      const before = state;
      state = evolve(state, event);
      yield { before, after: state, asked, event };
    }
  }
}
