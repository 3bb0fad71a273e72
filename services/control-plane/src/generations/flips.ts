import type { Flip, Generation, ViewGenerations } from '@reprise/contracts';
import { isRefusal, refuse, type Decision, type Refusal } from '@reprise/decider';
import { canBecome, parseStatus } from '@reprise/view';
import type { AnnounceFlip, FlipGeneration, FlipStanding, RollBack } from './commands.js';
import type { GenerationsEvent } from './events.js';
import { refusePaused, refuseStep, withGeneration } from './known-generation.js';

/** A refusal with this code may become a yes by waiting. */
export const generationBehind = 'generation-behind';

/** A paused one waits for its operator. */
export function flipsByItself(view: ViewGenerations, generation: Generation): boolean {
  return willFlipByItself(view, generation) && !generation.paused;
}

/** Only forward: a generation that was overtaken by a newer one waits for the operator. */
export function willFlipByItself(
  { live }: ViewGenerations,
  { status, autoFlip, number }: Generation,
): boolean {
  return status === 'ready' && autoFlip && number > (live ?? 0);
}

/** The first generation replaces none, so nothing is held still for it. */
export function announceFlip(
  { live, flipAnnounced: known }: ViewGenerations,
  { of: { number, atMs } }: AnnounceFlip,
  flip: Decision<GenerationsEvent>,
): Decision<GenerationsEvent> {
  if (isRefusal(flip)) return flip;
  if (flip.length === 0 || live === null || (known?.number === number && known.at === atMs)) return [];
  return [{ event: 'FlipAnnounced', number, atMs }];
}

export function flip(
  state: ViewGenerations,
  generation: Generation,
  command: FlipGeneration,
): Decision<GenerationsEvent> {
  if (state.live === command.number) return [];
  const { number, requestedBy: by, force, note, atMs } = command;
  const objections = objectionsTo(generation, command);
  const [first] = objections;
  const refusal =
    guardStep(state, generation, command.standing) ??
    (force ? undefined : first?.refusal) ??
    guardTime(state, generation, command.standing);
  if (refusal) return refusal;
  const known = [...objections.map(({ brief }) => brief), ...(note === null ? [] : [note])];
  return [
    {
      event: 'GenerationFlipped',
      number,
      by,
      forced: objections.length > 0,
      note: known.length === 0 ? null : known.join('; '),
      atMs,
    },
  ];
}

/**
 * Once: who asks again, or at the same time as somebody else, is told that it is done, and does not go forward again. What was
 * left by a rollback goes live again by a flip.
 */
export function rollBack(state: ViewGenerations, command: RollBack): Decision<GenerationsEvent> {
  const { from, number, requestedBy: by, standing, atMs } = command;
  const last = state.flips.at(-1);
  const isAboutLast = from === null || from === last?.from || from === last?.to;
  if (last?.kind === 'rollback' && isAboutLast) return alreadyRolledBack(last);
  if (from !== null && from !== state.live) return overtaken(state);
  if (state.previous === null) {
    return refuse(
      'conflict',
      'nothing-to-roll-back-to',
      `View ${state.view} has no previous generation on standby.`,
    );
  }
  if (state.previous !== number) return overtaken(state);
  return withGeneration(state, number, (generation) => {
    const refusal = guardStep(state, generation, standing) ?? guardTime(state, generation, standing);
    return refusal ?? [{ event: 'GenerationRolledBack', number, by, forced: false, note: null, atMs }];
  });
}

function alreadyRolledBack({ from, to, by, at }: Flip): Refusal {
  return refuse(
    'conflict',
    'already-rolled-back',
    `It was rolled back already, from generation ${from ?? 'none'} to ${to}, by ${by} at ${new Date(at).toISOString()}. To make another one live, flip to it.`,
  );
}

function guardStep(
  state: ViewGenerations,
  generation: Generation,
  { replaces }: FlipStanding,
): Refusal | undefined {
  if (!canBecome(parseStatus(generation.status), 'live')) return refuseStep(generation, 'live');
  if (generation.paused) return refusePaused(generation);
  return state.live === replaces ? undefined : overtaken(state);
}

/** Time never runs backwards over a flip: what goes live has applied what the live one had shown, in every partition. */
function guardTime(
  state: ViewGenerations,
  generation: Generation,
  standing: FlipStanding,
): Refusal | undefined {
  const behind = behindIn(standing);
  if (behind.length === 0) return undefined;
  return refuse(
    'conflict',
    generationBehind,
    `Generation ${generation.number} of ${state.view} is behind live generation ${state.live}: ${behind.join(', ')}.`,
  );
}

/** What keeps a generation from going live until somebody says that it does all the same. */
interface Objection {
  /** As it is kept with the flip. */
  readonly brief: string;
  readonly refusal: Refusal;
}

function objectionsTo(generation: Generation, command: FlipGeneration): readonly Objection[] {
  return [...openLetters(generation, command), ...differingReads(generation, command)];
}

/** What the build set aside is missing from it. One that was live already is known with its letters: it may come back. */
function openLetters({ number, status }: Generation, { openLetters: open }: FlipGeneration): Objection[] {
  if (status !== 'ready' || open === 0) return [];
  const brief = `${open} dead letters are open`;
  const detail = `${brief}: generation ${number} lacks these records. Redrive or discard them, or force the flip.`;
  return [{ brief, refusal: refuse('conflict', 'letters-open', detail) }];
}

function differingReads({ number }: Generation, { differing }: FlipGeneration): Objection[] {
  if (!differing) return [];
  const { compared, mismatched, allowed, example } = differing;
  const brief = `${mismatched} of ${compared} shadow reads were answered otherwise`;
  const told = example === '' ? '' : `: ${example}`;
  const detail = `${brief} by generation ${number} than by the live one, and ${allowed} are let pass${told}. Find out why, and rebuild or force the flip.`;
  return [{ brief, refusal: refuse('conflict', 'shadow-mismatches', detail) }];
}

function behindIn({ shown, applied }: FlipStanding): string[] {
  return [...shown]
    .map(([partition, offset]) => ({ partition, records: offset - (applied.get(partition) ?? 0n) }))
    .filter(({ records }) => records > 0n)
    .map(({ partition, records }) => `by ${records} records in ${partition}`);
}

function overtaken({ view, live }: ViewGenerations): Refusal {
  return refuse(
    'conflict',
    'overtaken',
    `Another change came first: generation ${live ?? 'none'} of ${view} is live now.`,
  );
}
