import type { Envelope } from '@reprise/contracts';
import { messageOf } from '@reprise/kernel';
import { erase, foldNext, placeOf, type AnyView, type FactPlace, type Folded } from '@reprise/view';
import type { Refused } from '../letters/letter.js';
import { refusedAs, versionOf, type Told } from './told.js';

/** A record with all that its event tells. */
export type ToldFact = Told<Envelope<unknown>>;

/** A fact that wants to be folded: a record that was read, or a dead letter put through again. */
export interface FactItem {
  readonly told: ToldFact;
  /** Set for a dead letter. */
  readonly letterId: string | undefined;
  /** An operator discarded it: it counts as folded, and changes nothing. */
  readonly isDiscarded: boolean;
}

export interface FoldedFacts {
  readonly folded: Folded;
  /** Letters whose turn came. */
  readonly redriven: readonly string[];
  /** Facts to be set aside: those that cannot be folded, and those that have to wait for one before them. */
  readonly refused: readonly Refused[];
}

export interface FoldOptions {
  readonly view: Pick<AnyView<unknown>, 'fold'>;
  readonly before: Folded;
  /** In the order in which they were read. */
  readonly items: readonly FactItem[];
  /** True when a letter of the entity is open that is not among the items. */
  readonly isBlocked: boolean;
  /** Throws when what was folded cannot be projected: then the fact that led to it is set aside. */
  readonly check: (state: unknown) => void;
}

/**
 * Folds what is next, again and again, in the order of versions; what is folded already is passed over. Facts after a
 * missing or refused one are set aside too, behind it: folded without it, the entity would tell a story that never was.
 */
export function foldFacts(options: FoldOptions): FoldedFacts {
  const quick = foldAll(options, () => undefined);
  try {
    options.check(quick.folded.state);
    return quick;
  } catch {
    // One of the facts leads to what cannot be projected: find out which.
    return foldAll(options, options.check);
  }
}

function foldAll({ view, before, items, isBlocked }: FoldOptions, check: FoldOptions['check']): FoldedFacts {
  let folded = before;
  const redriven: string[] = [];
  const refused: Refused[] = [];
  let left = items;
  for (;;) {
    const before = folded;
    const item = left.find(({ told }) => placeIn(view, before, told) !== 'early');
    if (!item) break;
    left = left.filter((other) => other !== item);
    const step = stepOf(view, folded, item);
    try {
      const next = step();
      if (next !== folded) check(next.state);
      folded = next;
      if (item.letterId !== undefined && !item.isDiscarded) redriven.push(item.letterId);
    } catch (failure) {
      refused.push(refusedAs(item.told, { code: codeOf(item.told), cause: messageOf(failure) }));
      break;
    }
  }
  const isStuck = isBlocked || refused.length > 0 || left.some(({ letterId }) => letterId !== undefined);
  const behind = left.filter(({ letterId }) => letterId === undefined);
  return { folded, redriven, refused: [...refused, ...waiting(behind, folded, isStuck)] };
}

/**
 * Undefined: nobody can tell, as the version is unknown. A tombstone erases whatever there is up to its version, so nothing
 * has to come before it.
 */
function placeIn(view: FoldOptions['view'], folded: Folded, told: ToldFact): FactPlace | undefined {
  const { content, entityVersion } = told;
  switch (content.kind) {
    case 'fact':
      return placeOf(view, folded, content.fact);
    case 'gone':
      return undefined;
    case 'undecodable':
      return entityVersion === undefined
        ? undefined
        : placeOf(view, folded, { version: entityVersion, changed: [] });
  }
}

function stepOf(view: FoldOptions['view'], folded: Folded, item: FactItem): () => Folded {
  const { told, isDiscarded } = item;
  const { content, entityVersion } = told;
  if (placeIn(view, folded, told) === 'seen') return () => folded;
  if (isDiscarded) {
    const state = folded.version === 0 ? view.fold?.initial : folded.state;
    return () => ({ version: folded.version + 1, state });
  }
  switch (content.kind) {
    case 'fact':
      return () => foldNext(view, folded, content.fact);
    case 'gone':
      // Where nothing is erased a tombstone has no place; one that a foreign producer wrote says nothing.
      return () =>
        view.fold?.erasedKey === undefined || entityVersion === undefined
          ? folded
          : erase(folded, entityVersion);
    case 'undecodable':
      return () => {
        throw new Error(content.cause);
      };
  }
}

function codeOf({ content }: ToldFact): string {
  return content.kind === 'undecodable' ? 'record-undecodable' : 'projection-failed';
}

function waiting(items: readonly FactItem[], folded: Folded, isStuck: boolean): Refused[] {
  return items.map(({ told }, place) => {
    if (isStuck || place > 0)
      return refusedAs(told, {
        code: 'behind',
        cause: 'an event before it is set aside or missing',
        status: 'waiting',
      });
    const cause = `version ${versionOf(told)} came when ${folded.version + 1} was next: an event is missing`;
    return refusedAs(told, { code: 'history-gap', cause });
  });
}
