import type { Clock } from '@reprise/kernel';
import type { ReadRecord } from '@reprise/log';
import { closed, isErasedBy, letterId, newLetter, type Tombstone } from './letter.js';
import type { LetterBook } from './letter-book.js';

export interface ReferenceLettersOptions {
  readonly view: string;
  readonly number: number;
  readonly letters: LetterBook;
  readonly clock: Clock;
}

/** A record of a joined stream that could be read. */
export interface TakenReference extends Tombstone {
  readonly partition: string;
  /** By a tombstone. */
  readonly isGone: boolean;
}

/**
 * The letters of one generation about records of the streams that its view joins. Every process reads those streams whole,
 * so each of them writes such a letter, the same one. What it told comes with the next record of its entity, or with a
 * rebuild: there is no one partition through which it could be put again.
 */
export class ReferenceLetters {
  /** The end of the queue of writes. */
  private writing: Promise<void> = Promise.resolve();

  constructor(private readonly options: ReferenceLettersOptions) {}

  undecodable(reason: string, record: ReadRecord & { readonly partition: string }): Promise<void> {
    const { view, number: generation, letters, clock } = this.options;
    return this.inTurn(async () => {
      if (letters.find(letterId(view, generation, record))) return;
      const { partition, offset, key, entityVersion, value } = record;
      const refused = {
        partition,
        offset,
        key,
        entityVersion,
        value,
        code: 'reference-undecodable',
        cause: `${reason}; rows show its entity as it was before`,
        status: 'open',
      } as const;
      const context = { view, generation, nowMs: clock.nowMs(), appliedVersion: 0, decoded: null };
      await letters.put([newLetter(refused, context)]);
    });
  }

  /** A newer record of the entity came. */
  taken(record: TakenReference): Promise<void> {
    const { letters, clock } = this.options;
    const { partition, key, offset, isGone } = record;
    if (letters.lettersOf(partition, key).length === 0) return Promise.resolve();
    return this.inTurn(async () => {
      if (isGone) {
        const gone = letters.lettersOf(partition, key).filter((letter) => isErasedBy(record, letter));
        if (gone.length > 0) await letters.erase(gone);
        return;
      }
      const over = letters.unclosedOf(partition, key).filter((letter) => BigInt(letter.offset) < offset);
      const reason = `a later record of ${key} came`;
      const closing = { status: 'superseded', nowMs: clock.nowMs(), by: 'builder', reason } as const;
      if (over.length > 0) await letters.put(over.map((letter) => closed(letter, closing)));
    });
  }

  /** Answers what operators asked. */
  answer(partitions: readonly string[]): Promise<void> {
    const { letters, clock } = this.options;
    return this.inTurn(async () => {
      for (const letter of partitions.flatMap((partition) => letters.unclosedIn(partition))) {
        const request = letters.requestFor(letter.letterId);
        if (!request || request.requestId === letter.handledRequest) continue;
        const { requestId, actor, reason } = request;
        if (request.action === 'discard') {
          const closing = { nowMs: clock.nowMs(), by: actor, request: requestId } as const;
          await letters.put([closed(letter, { ...closing, status: 'discarded', reason: reason ?? '' })]);
        } else {
          const cause =
            'a record of a joined stream is not put through again: write it anew, or rebuild the view';
          await letters.put([{ ...letter, attempts: letter.attempts + 1, handledRequest: requestId, cause }]);
        }
      }
    });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.writing.then(work);
    this.writing = result.catch(() => undefined);
    return result;
  }
}
