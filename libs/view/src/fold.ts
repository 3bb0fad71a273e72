import type { AnyView, Fact, Fold } from './definition.js';

/** An entity of a history view: how far its events are folded, and to what. */
export interface Folded {
  /** Version of the last event that was folded; 0 for none. */
  readonly version: number;
  readonly state: unknown;
}

/**
 * next: the event follows what is folded. seen: it is folded already. early: an event before it is missing, so it has to
 * wait: folded now, the result would lack what came between.
 */
export type FactPlace = 'next' | 'seen' | 'early';

type Told = Pick<Fact<unknown>, 'version' | 'changed'>;

export function placeOf(
  { fold }: Pick<AnyView<unknown>, 'fold'>,
  folded: Pick<Folded, 'version'>,
  fact: Told,
): FactPlace {
  if (fact.version <= folded.version) return 'seen';
  return fact.version === folded.version + 1 || begins(fold, fact) ? 'next' : 'early';
}

/**
 * Folds one event that is `next`. The state is null after one that erases what was told before.
 * @throws whatever the view's `evolve` throws.
 */
export function foldNext(view: Pick<AnyView<unknown>, 'fold'>, folded: Folded, fact: Fact<unknown>): Folded {
  const { fold } = view;
  if (!fold) throw new RangeError('the view folds nothing');
  const { version, deleted } = fact;
  const { initial, erasedKey } = fold;
  if (deleted && erasedKey !== undefined) return { version, state: null };
  const isErased = erasedKey !== undefined && folded.state === null;
  const before = folded.version === 0 || isErased || begins(fold, fact) ? initial : folded.state;
  return { version, state: fold.evolve(before, fact) };
}

/** An entity whose events are gone, up to this version. */
export function erase(folded: Folded, upTo: number): Folded {
  return folded.version > upTo ? folded : { version: upTo, state: null };
}

/** True for the first event of an entity, where events before it may be erased: no other changes its key. */
function begins(fold: Fold | undefined, { changed }: Told): boolean {
  return fold?.erasedKey !== undefined && changed.includes(fold.erasedKey);
}
