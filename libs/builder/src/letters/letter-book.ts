import type { DeadLetter, RedriveRequest } from '@reprise/contracts';
import { CodedError } from '@reprise/kernel';
import { isUnclosed } from './letter.js';

/** How much a generation may set aside before it stops instead. */
export interface LetterLimits {
  readonly maxOpen: number;
  /** Bytes of the records in open letters. */
  readonly maxBytes: number;
}

export const defaultLimits: LetterLimits = { maxOpen: 10_000, maxBytes: 64 << 20 };

/** What a feeder needs of the dead letters of its generation. */
export interface LetterBook {
  /** Resolves when every letter and request that the log held at the call is known here. */
  caughtUp(): Promise<void>;
  /** False when there is no letter at all, closed ones included: then none needs to be looked for. */
  hasAny(): boolean;
  find(letterId: string): DeadLetter | undefined;
  /** Open and waiting letters of an entity, in the order of their offsets. */
  unclosedOf(partition: string, key: string): readonly DeadLetter[];
  unclosedIn(partition: string): readonly DeadLetter[];
  /** Every letter of an entity, closed ones too. */
  lettersOf(partition: string, key: string): readonly DeadLetter[];
  /** What an operator asked last about a letter. */
  requestFor(letterId: string): RedriveRequest | undefined;
  /**
   * Resolves when they are in the log. The same letter again replaces it.
   * @throws CodedError `too-many-dead-letters`: nothing was written; try again when some were closed.
   */
  put(letters: readonly DeadLetter[]): Promise<void>;
  /** Resolves when they are gone from the log, as far as anyone reads it. */
  erase(letters: readonly DeadLetter[]): Promise<void>;
}

/** One generation's letters in memory. */
export class Letters {
  private readonly letters = new Map<string, DeadLetter>();
  private readonly byEntity = new Map<string, Map<string, DeadLetter>>();
  private open = 0;
  private bytes = 0;

  constructor(private readonly limits: LetterLimits = defaultLimits) {}

  take(letter: DeadLetter): void {
    this.forget(letter.letterId);
    this.letters.set(letter.letterId, letter);
    const entity = entityId(letter.partition, letter.key);
    const ofEntity = this.byEntity.get(entity) ?? new Map<string, DeadLetter>();
    this.byEntity.set(entity, ofEntity.set(letter.letterId, letter));
    if (!isUnclosed(letter)) return;
    this.open += 1;
    this.bytes += letter.record?.length ?? 0;
  }

  forget(letterId: string): void {
    const known = this.letters.get(letterId);
    if (!known) return;
    this.letters.delete(letterId);
    const entity = entityId(known.partition, known.key);
    const ofEntity = this.byEntity.get(entity);
    ofEntity?.delete(letterId);
    if (ofEntity?.size === 0) this.byEntity.delete(entity);
    if (!isUnclosed(known)) return;
    this.open -= 1;
    this.bytes -= known.record?.length ?? 0;
  }

  hasAny(): boolean {
    return this.letters.size > 0;
  }

  find(letterId: string): DeadLetter | undefined {
    return this.letters.get(letterId);
  }

  lettersOf(partition: string, key: string): readonly DeadLetter[] {
    return [...(this.byEntity.get(entityId(partition, key))?.values() ?? [])];
  }

  unclosedOf(partition: string, key: string): readonly DeadLetter[] {
    return this.lettersOf(partition, key)
      .filter(isUnclosed)
      .sort((left, right) => left.offset - right.offset);
  }

  unclosedIn(partition: string): readonly DeadLetter[] {
    return this.all()
      .filter((letter) => letter.partition === partition && isUnclosed(letter))
      .sort((left, right) => left.offset - right.offset);
  }

  /** Every letter, closed ones too, in the order in which they were last told. */
  all(): readonly DeadLetter[] {
    return [...this.letters.values()];
  }

  /** @throws CodedError `too-many-dead-letters` when these would go beyond the limits. */
  requireRoom(letters: readonly DeadLetter[]): void {
    const fresh = letters.filter((letter) => isUnclosed(letter) && !this.isUnclosedHere(letter));
    if (fresh.length === 0) return;
    const bytes = fresh.reduce((sum, { record }) => sum + (record?.length ?? 0), this.bytes);
    const open = this.open + fresh.length;
    const { maxOpen, maxBytes } = this.limits;
    if (open <= maxOpen && bytes <= maxBytes) return;
    throw new CodedError(
      'too-many-dead-letters',
      `${open} dead letters (${bytes} bytes) would be open, the limit is ${maxOpen} (${maxBytes} bytes): ` +
        'redrive or discard some, or mend the cause; the partition waits until then',
      { decision: 'retry' },
    );
  }

  private isUnclosedHere({ letterId }: DeadLetter): boolean {
    const known = this.letters.get(letterId);
    return known !== undefined && isUnclosed(known);
  }
}

function entityId(partition: string, key: string): string {
  return `${partition}/${key}`;
}
