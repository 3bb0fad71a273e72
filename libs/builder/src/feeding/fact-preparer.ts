import type { DeadLetter, Envelope } from '@reprise/contracts';
import type { AnyView } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import { letterId, type Refused } from '../letters/letter.js';
import type { LetterBook } from '../letters/letter-book.js';
import type { Candidate, Prepared } from './candidate.js';
import { foldFacts, type FactItem, type FoldOptions, type ToldFact } from './fold-facts.js';
import { toldOf, type Decode } from './told.js';

export interface FactPreparerOptions {
  readonly view: Pick<AnyView<unknown>, 'name' | 'fold'>;
  readonly number: number;
  readonly store: Pick<GenerationStore<unknown>, 'contributed'>;
  readonly letters: Pick<LetterBook, 'find' | 'unclosedOf'>;
  readonly decodeFact: Decode<Envelope<unknown>>;
  readonly check: FoldOptions['check'];
}

/** For a history view: folds the events of a chunk into what the generation holds of their entities. */
export class FactPreparer {
  constructor(private readonly options: FactPreparerOptions) {}

  async prepare(
    partition: string,
    told: readonly ToldFact[],
    letters: readonly FactItem[] = [],
  ): Promise<Prepared> {
    const perEntity = Map.groupBy(
      [...letters, ...told.map((fact) => this.itemOf(fact))],
      (item) => item.told.key,
    );
    const prior = await this.options.store.contributed([...perEntity.keys()]);
    const candidates = new Map<string, Candidate>();
    const refused: Refused[] = [];
    for (const [key, items] of perEntity) {
      const before = prior.get(key) ?? { version: 0, state: null };
      const all = [
        ...(await this.waitingItems(this.options.letters.unclosedOf(partition, key), items)),
        ...items,
      ];
      const folding = foldFacts({
        view: this.options.view,
        before,
        items: all,
        isBlocked: this.options.letters.unclosedOf(partition, key).length > 0,
        check: this.options.check,
      });
      refused.push(...folding.refused);
      const { version, state } = folding.folded;
      const facts = items.map((item) => item.told);
      if (version > 0) candidates.set(key, { key, version, state, told: facts, redriven: folding.redriven });
    }
    return { candidates, refused, prior };
  }

  private itemOf(told: ToldFact): FactItem {
    const { view, number, letters } = this.options;
    const known = letters.find(letterId(view.name, number, told));
    return { told, letterId: undefined, isDiscarded: known?.status === 'discarded' };
  }

  /** Letters of the entity that wait only for one before them, decoded anew. */
  private async waitingItems(
    unclosed: readonly DeadLetter[],
    items: readonly FactItem[],
  ): Promise<FactItem[]> {
    const given = new Set(items.map(({ letterId: id }) => id));
    const found: FactItem[] = [];
    for (const letter of unclosed) {
      const isWaiting = letter.code === 'behind' || letter.code === 'history-gap';
      if (isWaiting && !given.has(letter.letterId))
        found.push({
          told: await toldOf(letter, this.options.decodeFact),
          letterId: letter.letterId,
          isDiscarded: false,
        });
    }
    return found;
  }
}
