import type { Generation, ViewGenerations } from '@reprise/contracts';
import { refuse, type Decision, type Refusal } from '@reprise/decider';
import { canBecome, parseStatus } from '@reprise/view';
import type { FlipGeneration, FlipStanding, RollBack } from './commands.js';
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

export function flip(
  state: ViewGenerations,
  generation: Generation,
  command: FlipGeneration,
): Decision<GenerationsEvent> {
  if (state.live === command.number) return [];
  return (
    guardFlip(state, generation, command.standing) ??
    guardLetters(generation, command) ?? [
      { event: 'GenerationFlipped', number: command.number, by: command.requestedBy, atMs: command.atMs },
    ]
  );
}

export function rollBack(state: ViewGenerations, command: RollBack): Decision<GenerationsEvent> {
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
    const { number, requestedBy: by, atMs } = command;
    return refusal ?? [{ event: 'GenerationRolledBack', number, by, atMs }];
  });
}

/** Time never runs backwards over a flip: what goes live has applied what the live one had shown, in every partition. */
function guardFlip(
  state: ViewGenerations,
  generation: Generation,
  standing: FlipStanding,
): Refusal | undefined {
  if (!canBecome(parseStatus(generation.status), 'live')) return refuseStep(generation, 'live');
  if (generation.paused) return refusePaused(generation);
  if (state.live !== standing.replaces) return overtaken(state);
  const behind = behindIn(standing);
  if (behind.length === 0) return undefined;
  return refuse(
    'conflict',
    generationBehind,
    `Generation ${generation.number} of ${state.view} is behind live generation ${state.live}: ${behind.join(', ')}.`,
  );
}

/** What the build set aside is missing from it. One that was live already is known with its letters: it may come back. */
function guardLetters(
  { number, status }: Generation,
  { openLetters, force }: FlipGeneration,
): Refusal | undefined {
  if (status !== 'ready' || openLetters === 0 || force) return undefined;
  return refuse(
    'conflict',
    'letters-open',
    `${openLetters} dead letters are open: generation ${number} lacks these records. Redrive or discard them, or force the flip.`,
  );
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
