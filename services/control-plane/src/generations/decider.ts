import type { Generation, ViewGenerations } from '@reprise/contracts';
import { refuse, type Decider, type Decision } from '@reprise/decider';
import { canBecome, isFed, parseStatus, type GenerationStatus } from '@reprise/view';
import type { CancelGeneration, GenerationsCommand, RegisterView, StartRebuild } from './commands.js';
import { evolve, type GenerationsEvent } from './events.js';
import { fingerprintsOf, guardFingerprints } from './fingerprints.js';
import { announceFlip, flip, rollBack, willFlipByItself } from './flips.js';
import { refusePaused, refuseStep, withGeneration } from './known-generation.js';
import { pause, resume, throttle } from './pace.js';
import {
  concludeVerification,
  isUnderVerification,
  requestVerification,
  verificationUnderWay,
} from './verification.js';

type GenerationsDecision = Decision<GenerationsEvent>;
type Known<Type extends GenerationsCommand['type']> = Extract<GenerationsCommand, { type: Type }>;

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
    case 'PauseGeneration':
      return withGeneration(state, command.number, (generation) => pause(generation, command));
    case 'ResumeGeneration':
      return withGeneration(state, command.number, (generation) => resume(generation, command));
    case 'ThrottleGeneration':
      return withGeneration(state, command.number, (generation) => throttle(generation, command));
    case 'CancelGeneration':
      return withGeneration(state, command.number, (generation) => cancel(state, generation, command));
    case 'RequestVerification':
      return withGeneration(state, command.number, (generation) =>
        requestVerification(state, generation, command),
      );
    case 'ConcludeVerification':
      return withGeneration(state, command.number, (generation) => concludeVerification(generation, command));
    case 'AnnounceFlip':
      return announceFlip(state, command, decideKnown(state, command.of));
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
  const generation = started(1, { ...command, autoFlip: true });
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
  const known = fingerprintsOf(state, command.definitionVersion);
  const refusal = guardFingerprints(command, known);
  if (refusal) return refusal;
  const fingerprint = command.fingerprints[0] ?? known[0] ?? '';
  return [{ event: 'GenerationStarted', generation: started(number, { ...command, fingerprint }) }];
}

/** A generation that is about to flip by itself counts: two of them would race for the place. */
function isUnderWay(state: ViewGenerations, generation: Generation): boolean {
  const status = parseStatus(generation.status);
  if (status === 'ready') return willFlipByItself(state, generation);
  return status === 'building' || status === 'catching-up' || status === 'verifying';
}

function started(
  number: number,
  {
    definitionVersion,
    fingerprint,
    atMs,
    requestedBy,
    autoFlip,
    targets,
  }: Omit<StartRebuild, 'type' | 'fingerprints'> & { readonly fingerprint: string },
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
    fingerprint,
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
  if (generation.paused) return refusePaused(generation);
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

function cancel(
  state: ViewGenerations,
  generation: Generation,
  { number, requestedBy, atMs }: CancelGeneration,
): GenerationsDecision {
  if (generation.status === 'retired') return [];
  if (isUnderWay(state, generation))
    return [{ event: 'GenerationRetired', number, reason: `cancelled by ${requestedBy}`, atMs }];
  return refuse(
    'conflict',
    'rebuild-not-under-way',
    `Generation ${number} is ${generation.status}: only a rebuild that is under way can be cancelled.`,
  );
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
