import type { AnyView, Fact } from './definition.js';

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

export function placeOf(folded: Pick<Folded, 'version'>, version: number): FactPlace {
  if (version <= folded.version) return 'seen';
  return version === folded.version + 1 ? 'next' : 'early';
}

/** Folds one event that is `next`. @throws whatever the view's `evolve` throws. */
export function foldNext(view: Pick<AnyView<unknown>, 'fold'>, folded: Folded, fact: Fact<unknown>): Folded {
  if (!view.fold) throw new RangeError('the view folds nothing');
  const before = folded.version === 0 ? view.fold.initial : folded.state;
  return { version: fact.version, state: view.fold.evolve(before, fact) };
}
