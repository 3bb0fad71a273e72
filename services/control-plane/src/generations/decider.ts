import type { Generation, ViewGenerations } from '@reprise/contracts';
import { refuse, type Decider, type Decision, type Refusal } from '@reprise/decider';
import { canBecome, isFed, parseStatus, type GenerationStatus } from '@reprise/view';
import type {
  FlipGeneration,
  FlipStanding,
  GenerationsCommand,
  RegisterView,
  RollBack,
  StartRebuild,
} from './commands.js';
import { evolve, type GenerationsEvent } from './events.js';
import {
  concludeVerification,
  isUnderVerification,
  requestVerification,
  verificationUnderWay,
} from './verification.js';

type GenerationsDecision = Decision<GenerationsEvent>;
type Known<Type extends GenerationsCommand['type']> = Extract<GenerationsCommand, { type: Type }>;

/** A refusal with this code may become a yes by waiting. */
export const generationBehind = 'generation-behind';

/**
 * Decides over all generations of one view. Commands come from operators and from the reconcile loop; the loop may ask
 * the same again and from an old view of things, so what is done already is no event and no refusal.
 */
export const generationsDecider: Decider<ViewGenerations, GenerationsCommand, GenerationsEvent> = {
  decide: (state, command) => {
    if (command.type === 'RegisterView') return register(state, command);
    if (!state) return refuse('not-found', 'unknown-view', 'There is no such view.');
    return decideKnown(state, command);
  },
  evolve,
  isDeletion: () => false,
};

function decideKnown(
  state: ViewGenerations,
  command: Exclude<GenerationsCommand, { type: 'RegisterView' }>,
): GenerationsDecision {
  switch (command.type) {
    case 'AnnounceDefinition':
      return announce(state, command);
    case 'StartRebuild':
      return startRebuild(state, command);
    case 'AdvanceGeneration':
      return withGeneration(state, command.number, (generation) => advance(generation, command));
    case 'FailGeneration':
      return withGeneration(state, command.number, (generation) => fail(generation, command));
    case 'RequestVerification':
      return withGeneration(state, command.number, (generation) =>
        requestVerification(state, generation, command),
      );
    case 'ConcludeVerification':
      return withGeneration(state, command.number, (generation) => concludeVerification(generation, command));
    case 'FlipGeneration':
      return withGeneration(state, command.number, (generation) => flip(state, generation, command));
    case 'RollBack':
      return rollBack(state, command);
    case 'RetireGeneration':
      return withGeneration(state, command.number, (generation) => retire(generation, command));
    case 'ConfirmDropped':
      return withGeneration(state, command.number, confirmDropped);
  }
}

function register(state: ViewGenerations | undefined, command: RegisterView): GenerationsDecision {
  if (state) return [];
  const { view, definitionVersion, sourceTopics } = command;
  const generation = started(1, definitionVersion, { ...command, autoFlip: true });
  return [
    { event: 'ViewRegistered', view, definitionVersion, sourceTopics },
    { event: 'GenerationStarted', generation },
  ];
}

function announce(
  state: ViewGenerations,
  { definitionVersion, sourceTopics }: Known<'AnnounceDefinition'>,
): GenerationsDecision {
  if (definitionVersion <= state.definitionVersion) return [];
  return [{ event: 'DefinitionAnnounced', definitionVersion, sourceTopics }];
}

function startRebuild(state: ViewGenerations, command: StartRebuild): GenerationsDecision {
  const under = state.generations.find((generation) => isUnderWay(state, generation));
  if (under) {
    return refuse(
      'conflict',
      'rebuild-under-way',
      `Generation ${under.number} of ${state.view} is ${under.status}: wait for it, or retire it.`,
    );
  }
  const number = Math.max(0, ...state.generations.map((generation) => generation.number)) + 1;
  return [{ event: 'GenerationStarted', generation: started(number, state.definitionVersion, command) }];
}

/** A generation that is about to flip by itself counts: two of them would race for the place. */
function isUnderWay(state: ViewGenerations, generation: Generation): boolean {
  const status = parseStatus(generation.status);
  if (status === 'ready') return flipsByItself(state, generation);
  return status === 'building' || status === 'catching-up' || status === 'verifying';
}

/** Only forward: a generation that was overtaken by a newer one waits for the operator. */
export function flipsByItself({ live }: ViewGenerations, { status, autoFlip, number }: Generation): boolean {
  return status === 'ready' && autoFlip && number > (live ?? 0);
}

function started(
  number: number,
  definitionVersion: number,
  { atMs, requestedBy, autoFlip, targets }: Omit<StartRebuild, 'type'>,
): Generation {
  return {
    number,
    definitionVersion,
    status: 'building',
    startedAt: atMs,
    statusSince: atMs,
    requestedBy,
    autoFlip,
    targets,
    reason: null,
    dropped: false,
    fingerprint: '',
    paused: false,
    maxRecordsPerSecond: null,
    verification: null,
  };
}

const buildingOrder: readonly GenerationStatus[] = [
  'building',
  'catching-up',
  'verifying',
  'ready',
  'live',
  'standby',
];

function advance(
  generation: Generation,
  { number, to, atMs }: Known<'AdvanceGeneration'>,
): GenerationsDecision {
  const status = parseStatus(generation.status);
  if (buildingOrder.indexOf(status) >= buildingOrder.indexOf(to)) return [];
  if (!canBecome(status, to)) return refuseStep(generation, to);
  if (isUnderVerification(generation)) return verificationUnderWay(generation);
  return [{ event: 'GenerationAdvanced', number, status: to, atMs }];
}

function fail(
  generation: Generation,
  { number, reason, atMs }: Known<'FailGeneration'>,
): GenerationsDecision {
  const status = parseStatus(generation.status);
  if (status === 'failed') return [];
  if (!canBecome(status, 'failed')) return refuseStep(generation, 'failed');
  return [{ event: 'GenerationFailed', number, reason, atMs }];
}

function retire(
  generation: Generation,
  { number, reason, atMs }: Known<'RetireGeneration'>,
): GenerationsDecision {
  const status = parseStatus(generation.status);
  if (status === 'retired') return [];
  if (status === 'live') {
    return refuse(
      'conflict',
      'generation-live',
      `Generation ${number} is live: flip to another one before it is retired.`,
    );
  }
  if (!canBecome(status, 'retired')) return refuseStep(generation, 'retired');
  return [{ event: 'GenerationRetired', number, reason, atMs }];
}

function confirmDropped(generation: Generation): GenerationsDecision {
  if (generation.dropped) return [];
  if (isFed(parseStatus(generation.status))) {
    return refuse(
      'conflict',
      'generation-fed',
      `Generation ${generation.number} is ${generation.status}: it is not to be dropped.`,
    );
  }
  return [{ event: 'GenerationDropped', number: generation.number }];
}

function flip(state: ViewGenerations, generation: Generation, command: FlipGeneration): GenerationsDecision {
  if (state.live === command.number) return [];
  return (
    guardFlip(state, generation, command.standing) ?? [
      { event: 'GenerationFlipped', number: command.number, atMs: command.atMs },
    ]
  );
}

function rollBack(state: ViewGenerations, command: RollBack): GenerationsDecision {
  if (state.previous === null) {
    return refuse(
      'conflict',
      'nothing-to-roll-back-to',
      `View ${state.view} has no previous generation on standby.`,
    );
  }
  if (state.previous !== command.number) return overtaken(state);
  return withGeneration(state, command.number, (generation) => {
    const refusal = guardFlip(state, generation, command.standing);
    return refusal ?? [{ event: 'GenerationRolledBack', number: command.number, atMs: command.atMs }];
  });
}

/** Time never runs backwards over a flip: what goes live has applied what the live one had shown, in every partition. */
function guardFlip(
  state: ViewGenerations,
  generation: Generation,
  standing: FlipStanding,
): Refusal | undefined {
  if (!canBecome(parseStatus(generation.status), 'live')) return refuseStep(generation, 'live');
  if (state.live !== standing.replaces) return overtaken(state);
  const behind = behindIn(standing);
  if (behind.length === 0) return undefined;
  return refuse(
    'conflict',
    generationBehind,
    `Generation ${generation.number} of ${state.view} is behind live generation ${state.live}: ${behind.join(', ')}.`,
  );
}

function behindIn({ shown, applied }: FlipStanding): string[] {
  return [...shown]
    .map(([partition, offset]) => ({ partition, records: offset - (applied.get(partition) ?? 0n) }))
    .filter(({ records }) => records > 0n)
    .map(({ partition, records }) => `by ${records} records in ${partition}`);
}

function withGeneration(
  state: ViewGenerations,
  number: number,
  decide: (generation: Generation) => GenerationsDecision,
): GenerationsDecision {
  const generation = state.generations.find((known) => known.number === number);
  if (!generation)
    return refuse('not-found', 'unknown-generation', `View ${state.view} has no generation ${number}.`);
  return decide(generation);
}

function refuseStep({ number, status }: Generation, to: GenerationStatus): Refusal {
  return refuse(
    'conflict',
    'generation-status',
    `Generation ${number} is ${status}: it cannot become ${to}.`,
  );
}

function overtaken({ view, live }: ViewGenerations): Refusal {
  return refuse(
    'conflict',
    'overtaken',
    `Another change came first: generation ${live ?? 'none'} of ${view} is live now.`,
  );
}
