import type { Generation, ViewGenerations } from '@reprise/contracts';
import { canBecome, parseStatus, type GenerationStatus } from '@reprise/view';
import type { VerificationResult } from './commands.js';
import { concluded, requested } from './verification.js';

/** Facts about the generations of one view. Times are epoch milliseconds, UTC. */
export type GenerationsEvent =
  | {
      readonly event: 'ViewRegistered';
      readonly view: string;
      readonly definitionVersion: number;
      readonly sourceTopics: readonly string[];
    }
  | {
      readonly event: 'DefinitionAnnounced';
      readonly definitionVersion: number;
      readonly sourceTopics: readonly string[];
    }
  | { readonly event: 'GenerationStarted'; readonly generation: Generation }
  | {
      readonly event: 'GenerationAdvanced';
      readonly number: number;
      readonly status: 'catching-up' | 'verifying' | 'ready';
      readonly atMs: number;
    }
  | {
      readonly event: 'VerificationRequested';
      readonly number: number;
      readonly repair: boolean;
      readonly against: number | null;
      readonly requestedBy: string;
      readonly atMs: number;
    }
  | {
      readonly event: 'VerificationConcluded';
      readonly number: number;
      readonly result: VerificationResult;
      readonly atMs: number;
    }
  | {
      readonly event: 'GenerationFailed';
      readonly number: number;
      readonly reason: string;
      readonly atMs: number;
    }
  | { readonly event: 'GenerationPaused'; readonly number: number; readonly atMs: number }
  | { readonly event: 'GenerationResumed'; readonly number: number; readonly atMs: number }
  | {
      readonly event: 'GenerationThrottled';
      readonly number: number;
      readonly maxRecordsPerSecond: number | null;
      readonly atMs: number;
    }
  | { readonly event: 'FlipAnnounced'; readonly number: number; readonly atMs: number }
  | FlipEvent
  | {
      readonly event: 'GenerationRetired';
      readonly number: number;
      readonly reason: string;
      readonly atMs: number;
    }
  | { readonly event: 'GenerationDropped'; readonly number: number };

export interface FlipEvent {
  readonly event: 'GenerationFlipped' | 'GenerationRolledBack';
  readonly number: number;
  readonly by: string;
  /** Something stood against it. */
  readonly forced: boolean;
  readonly note: string | null;
  readonly atMs: number;
}

/** How many flips are remembered. */
export const historyFlips = 100;

/** How many dropped generations are remembered. */
export const historyGenerations = 20;

export function evolve(state: ViewGenerations | undefined, event: GenerationsEvent): ViewGenerations {
  if (event.event === 'ViewRegistered') {
    const { view, definitionVersion, sourceTopics } = event;
    const nothing = { live: null, previous: null, generations: [], flips: [], flipAnnounced: null };
    return { view, sourceTopics, definitionVersion, ...nothing };
  }
  if (!state) throw new RangeError(`${event.event} of a view that was not registered`);
  return change(state, event);
}

function change(
  state: ViewGenerations,
  event: Exclude<GenerationsEvent, { event: 'ViewRegistered' }>,
): ViewGenerations {
  switch (event.event) {
    case 'DefinitionAnnounced':
      return { ...state, definitionVersion: event.definitionVersion, sourceTopics: event.sourceTopics };
    case 'GenerationStarted':
      return { ...state, generations: [...state.generations, event.generation] };
    case 'GenerationAdvanced':
      return advance(state, event);
    case 'VerificationRequested':
      return replace(state, event.number, (generation) => requested(generation, event));
    case 'VerificationConcluded':
      return replace(state, event.number, (generation) => concluded(generation, event.result, event.atMs));
    case 'GenerationFailed':
      return leave(state, event.number, { status: 'failed', atMs: event.atMs, reason: event.reason });
    case 'GenerationRetired':
      return leave(state, event.number, { status: 'retired', atMs: event.atMs, reason: event.reason });
    case 'GenerationPaused':
    case 'GenerationResumed': {
      const paused = event.event === 'GenerationPaused';
      return replace(state, event.number, (generation) => ({ ...generation, paused }));
    }
    case 'GenerationThrottled': {
      const { number, maxRecordsPerSecond } = event;
      return replace(state, number, (generation) => ({ ...generation, maxRecordsPerSecond }));
    }
    case 'FlipAnnounced':
      return { ...state, flipAnnounced: { number: event.number, at: event.atMs } };
    case 'GenerationFlipped':
    case 'GenerationRolledBack':
      return goLive(state, event);
    case 'GenerationDropped':
      return forgetOldest(replace(state, event.number, (generation) => ({ ...generation, dropped: true })));
  }
}

interface Change {
  readonly status: GenerationStatus;
  readonly atMs: number;
  readonly reason?: string;
}

/** Whoever sees a generation that is verifying sees the check that it waits for. */
function advance(
  state: ViewGenerations,
  { number, status, atMs }: Extract<GenerationsEvent, { event: 'GenerationAdvanced' }>,
): ViewGenerations {
  const advanced = become(state, number, { status, atMs });
  if (status !== 'verifying') return advanced;
  return replace(advanced, number, (generation) =>
    requested(generation, { repair: false, against: null, requestedBy: generation.requestedBy, atMs }),
  );
}

/**
 * One fact, so there is no moment with two live generations, or with none. What was throttled to spare the live one is
 * not, once it is the live one. A rollback leaves nothing to roll back to: that would be the way forward again.
 */
function goLive(
  state: ViewGenerations,
  { event, number, by, forced, note, atMs }: FlipEvent,
): ViewGenerations {
  const stepped = state.live === null ? state : become(state, state.live, { status: 'standby', atMs });
  const flipped = become(stepped, number, { status: 'live', atMs });
  const unthrottled = replace(flipped, number, (generation) => ({
    ...generation,
    maxRecordsPerSecond: null,
  }));
  const kind = event === 'GenerationFlipped' ? 'flip' : 'rollback';
  const made = { kind, from: state.live, to: number, at: atMs, by, forced, note };
  const flips = [...state.flips, made].slice(-historyFlips);
  return { ...unthrottled, live: number, previous: kind === 'flip' ? state.live : null, flips };
}

function leave(state: ViewGenerations, number: number, to: Change): ViewGenerations {
  const left = replace(become(state, number, to), number, (generation) => ({
    ...generation,
    paused: false,
    verification: to.status === 'retired' ? withoutRows(generation.verification) : generation.verification,
  }));
  return { ...left, previous: state.previous === number ? null : state.previous };
}

/** Of a generation that is dropped no row is kept, also not of those that were wrong. */
function withoutRows(verification: Generation['verification']): Generation['verification'] {
  return verification && { ...verification, samples: [] };
}

function become(state: ViewGenerations, number: number, { status, atMs, reason }: Change): ViewGenerations {
  return replace(state, number, (generation) => {
    if (!canBecome(parseStatus(generation.status), status)) {
      throw new RangeError(
        `generation ${number} of ${state.view} is ${generation.status}: it cannot become ${status}`,
      );
    }
    return { ...generation, status, statusSince: atMs, reason: reason ?? generation.reason };
  });
}

function replace(
  state: ViewGenerations,
  number: number,
  update: (generation: Generation) => Generation,
): ViewGenerations {
  const generations = state.generations.map((generation) =>
    generation.number === number ? update(generation) : generation,
  );
  return { ...state, generations };
}

/** The newest generation is never among the forgotten, so its number tells the next one's. */
function forgetOldest(state: ViewGenerations): ViewGenerations {
  const dropped = state.generations.filter((generation) => generation.dropped).map(({ number }) => number);
  const forgotten = new Set(dropped.slice(0, -historyGenerations));
  return { ...state, generations: state.generations.filter(({ number }) => !forgotten.has(number)) };
}
