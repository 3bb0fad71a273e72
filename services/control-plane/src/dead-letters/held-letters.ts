import type { DeadLetter } from '@reprise/contracts';
import type { TailRecord } from '@reprise/log';

/** A dead letter as the control plane holds it: without the record's bytes, and with its text cut. */
export interface HeldLetter extends Omit<DeadLetter, 'record'> {
  readonly recordBytes: number;
}

/** What letters are chosen by; everything that is given must hold. */
export interface LetterFilter {
  readonly letterIds?: readonly string[] | undefined;
  readonly view?: string | undefined;
  readonly generation?: number | undefined;
  readonly status?: DeadLetter['status'] | undefined;
  readonly code?: string | undefined;
  readonly key?: string | undefined;
}

export interface LetterCount {
  readonly view: string;
  readonly generation: number;
  readonly status: string;
  readonly letters: number;
}

const longestText = 8_192;

/** The dead letters of all views, as the builders tell them. */
export class HeldLetters {
  private readonly letters = new Map<string, HeldLetter>();
  private readonly listeners = new Set<() => void>();

  take({ key, envelope }: Pick<TailRecord<DeadLetter>, 'key' | 'envelope'>): void {
    if (!envelope || envelope.deleted) this.letters.delete(key);
    else {
      const { record, decoded, ...letter } = envelope.state;
      const text = decoded === null ? null : decoded.slice(0, longestText);
      this.letters.set(key, { ...letter, decoded: text, recordBytes: record?.length ?? 0 });
    }
    for (const listener of [...this.listeners]) listener();
  }

  find(letterId: string): HeldLetter | undefined {
    return this.letters.get(letterId);
  }

  /** Those set aside last come first. */
  select(filter: LetterFilter): readonly HeldLetter[] {
    const ids = filter.letterIds && new Set(filter.letterIds);
    return [...this.letters.values()]
      .filter(
        (letter) =>
          (ids?.has(letter.letterId) ?? true) &&
          isSame(filter.view, letter.view) &&
          isSame(filter.generation, letter.generation) &&
          isSame(filter.status, letter.status) &&
          isSame(filter.code, letter.code) &&
          isSame(filter.key, letter.key),
      )
      .sort(compareLetters);
  }

  /** How many there are of each view, generation and status. */
  counts(): readonly LetterCount[] {
    const groups = Map.groupBy(this.letters.values(), ({ view, generation, status }) =>
      [view, generation, status].join('/'),
    );
    return [...groups.values()].flatMap((letters) => {
      const [first] = letters;
      if (!first) return [];
      const { view, generation, status } = first;
      return [{ view, generation, status, letters: letters.length }];
    });
  }

  /** Resolves as soon as the condition holds (true) or the time is up (false). */
  until(isSo: () => boolean, limitMs: number): Promise<boolean> {
    if (isSo()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (answer: boolean): void => {
        clearTimeout(timer);
        this.listeners.delete(listener);
        resolve(answer);
      };
      const listener = (): void => {
        if (isSo()) done(true);
      };
      const timer = setTimeout(() => {
        done(false);
      }, limitMs);
      this.listeners.add(listener);
    });
  }
}

/** Those set aside last come first. */
export function compareLetters(left: HeldLetter, right: HeldLetter): number {
  if (right.parkedAt !== left.parkedAt) return right.parkedAt - left.parkedAt;
  if (left.letterId === right.letterId) return 0;
  return left.letterId < right.letterId ? -1 : 1;
}

export function isUnclosed({ status }: Pick<HeldLetter, 'status'>): boolean {
  return status === 'open' || status === 'waiting';
}

function isSame<Value>(wanted: Value | undefined, actual: Value): boolean {
  return wanted === undefined || wanted === actual;
}

/** Open letters of a view, by the generation's number; waiting ones count with what they wait for. */
export function openLettersOf(held: HeldLetters, view: string): ReadonlyMap<number, number> {
  const open = held.counts().filter((count) => count.view === view && count.status === 'open');
  return new Map(open.map(({ generation, letters }) => [generation, letters]));
}
