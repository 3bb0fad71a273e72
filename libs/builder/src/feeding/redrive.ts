import type { DeadLetter, Envelope, RedriveRequest } from '@reprise/contracts';
import type { Clock } from '@reprise/kernel';
import type { ChunkOutcome } from '@reprise/log';
import type { AnyView } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import { closed, isAboutKept, isSuperseded, isUnclosed, type Closing } from '../letters/letter.js';
import type { LetterBook } from '../letters/letter-book.js';
import { newestStates, type Prepared } from './candidate.js';
import type { FactItem } from './fold-facts.js';
import { toldOf, type Decode } from './told.js';

export interface RedriveContext {
  readonly view: Pick<AnyView<unknown>, 'fold'>;
  readonly partition: string;
  readonly store: Pick<GenerationStore<unknown>, 'contributed'>;
  readonly letters: LetterBook;
  readonly decode: Decode;
  readonly decodeFact: Decode<Envelope<unknown>>;
  readonly clock: Clock;
  readonly prepareFacts: (letters: readonly FactItem[]) => Promise<Prepared>;
  /** Applies without moving the checkpoint. */
  readonly commit: (prepared: Prepared) => Promise<ChunkOutcome>;
  readonly reproject: (keys: readonly string[]) => Promise<ChunkOutcome>;
}

/**
 * Carries out what operators asked about the dead letters of one partition, one after another. A letter's answer is
 * written last: after a crash it is tried again, which by the entity's version changes nothing more.
 */
export async function redriveLetters(context: RedriveContext): Promise<ChunkOutcome> {
  const { letters, partition } = context;
  for (const { letterId } of letters.unclosedIn(partition)) {
    // One that was carried out before it may have closed this one.
    const letter = letters.find(letterId);
    const request = letters.requestFor(letterId);
    if (!letter || !isUnclosed(letter) || !request || request.requestId === letter.handledRequest) continue;
    const outcome = await carryOut(context, letter, request);
    if (outcome === 'fenced') return 'fenced';
  }
  return 'applied';
}

async function carryOut(
  context: RedriveContext,
  letter: DeadLetter,
  request: RedriveRequest,
): Promise<ChunkOutcome> {
  const { store, letters, clock } = context;
  const held = (await store.contributed([letter.key])).get(letter.key)?.version ?? 0;
  const closing = { nowMs: clock.nowMs(), by: request.actor, request: request.requestId };
  const close = async (how: Pick<Closing, 'status' | 'reason'>): Promise<void> =>
    letters.put([closed(letters.find(letter.letterId) ?? letter, { ...closing, ...how })]);
  if (isSuperseded(letter, held)) {
    await close({ status: 'superseded', reason: `refused: the view holds version ${held} of the entity` });
    return 'applied';
  }
  const isDiscard = request.action === 'discard';
  const reason = request.reason ?? 'asked for';
  if (isDiscard && !context.view.fold) {
    await close({ status: 'discarded', reason });
    return 'applied';
  }
  if ((await putThrough(context, letter, isDiscard)) === 'fenced') return 'fenced';
  const heldNow = (await store.contributed([letter.key])).get(letter.key)?.version ?? 0;
  const isThrough = !isUnclosed(letters.find(letter.letterId) ?? letter) || isSuperseded(letter, heldNow);
  if (isThrough) await close({ status: isDiscard ? 'discarded' : 'redriven', reason });
  else await stillOpen(context, letter, request);
  return 'applied';
}

async function putThrough(
  context: RedriveContext,
  letter: DeadLetter,
  isDiscarded: boolean,
): Promise<ChunkOutcome> {
  if (isAboutKept(letter)) return context.reproject([letter.key]);
  if (!context.view.fold) return context.commit(newestStates([await toldOf(letter, context.decode)]));
  const told = await toldOf(letter, context.decodeFact);
  const item = { told, letterId: letter.letterId, isDiscarded };
  return context.commit(await context.prepareFacts([item]));
}

async function stillOpen(
  { letters }: RedriveContext,
  letter: DeadLetter,
  { requestId }: RedriveRequest,
): Promise<void> {
  // What was tried may have written the letter again, with another cause.
  const now = letters.find(letter.letterId) ?? letter;
  await letters.put([{ ...now, attempts: now.attempts + 1, handledRequest: requestId }]);
}
