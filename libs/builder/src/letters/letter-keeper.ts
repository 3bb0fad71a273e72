import type { DeadLetter } from '@reprise/contracts';
import type { Clock } from '@reprise/kernel';
import type { ReadRecord } from '@reprise/log';
import type { AnyView } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import type { Candidate } from '../feeding/candidate.js';
import { closed, isErasedBy, isSuperseded, isUnclosed, letterId, newLetter, type Refused } from './letter.js';
import type { LetterBook } from './letter-book.js';

export interface LetterKeeperOptions {
  readonly view: Pick<AnyView<unknown>, 'name'>;
  readonly number: number;
  readonly store: Pick<GenerationStore<unknown>, 'contributed'>;
  readonly letters: LetterBook;
  readonly describe: (value: Uint8Array) => Promise<string | null>;
  readonly clock: Clock;
}

/** Writes the letters of one generation: when records are set aside, and when what they told has arrived after all. */
export class LetterKeeper {
  constructor(private readonly options: LetterKeeperOptions) {}

  async park(refused: readonly Refused[]): Promise<void> {
    if (refused.length === 0) return;
    const { view, number: generation, store, letters, describe, clock } = this.options;
    const held = await store.contributed([...new Set(refused.map(({ key }) => key))]);
    const written: DeadLetter[] = [];
    for (const one of refused) {
      const known = letters.find(letterId(view.name, generation, one));
      // Told again after a crash: what was decided about it stands.
      if (known && known.status !== 'redriven') {
        const { status, code, cause } = one;
        const isNews = known.status !== status || known.code !== code || known.cause !== cause;
        if (isUnclosed(known) && isNews) written.push({ ...known, status, code, cause });
        continue;
      }
      const appliedVersion = held.get(one.key)?.version ?? 0;
      const decoded = one.value === null ? null : await describe(one.value);
      const letter = newLetter(one, {
        view: view.name,
        generation,
        nowMs: clock.nowMs(),
        appliedVersion,
        decoded,
      });
      written.push(known ? { ...letter, attempts: known.attempts + 1 } : letter);
    }
    if (written.length > 0) await letters.put(written);
  }

  async closeApplied(partition: string, applied: readonly Candidate[]): Promise<void> {
    const { letters } = this.options;
    if (!letters.hasAny()) return;
    const unclosed = applied.flatMap(({ key }) => [...letters.unclosedOf(partition, key)]);
    if (unclosed.length === 0) return;
    const redriven = new Set(applied.flatMap((candidate) => candidate.redriven));
    const done = unclosed.filter((letter) => redriven.has(letter.letterId));
    if (done.length > 0)
      await letters.put(
        done.map((letter) =>
          closed(letter, {
            status: 'redriven',
            nowMs: this.options.clock.nowMs(),
            by: 'builder',
            reason: 'it was put through',
          }),
        ),
      );
    await this.closeSuperseded(unclosed.filter((letter) => !redriven.has(letter.letterId)));
  }

  /**
   * What letters hold of entities that are gone by these records goes too; before the checkpoint moves past them, so that
   * none is left by a crash.
   */
  async eraseGone(partition: string, records: readonly ReadRecord[]): Promise<void> {
    const { letters } = this.options;
    if (!letters.hasAny()) return;
    const over = records
      .filter(({ value }) => value === null)
      .flatMap((tombstone) =>
        letters.lettersOf(partition, tombstone.key).filter((letter) => isErasedBy(tombstone, letter)),
      );
    if (over.length > 0) await letters.erase([...new Set(over)]);
  }

  async closeSuperseded(unclosed: readonly DeadLetter[]): Promise<void> {
    if (unclosed.length === 0) return;
    const { store, letters, clock } = this.options;
    const held = await store.contributed([...new Set(unclosed.map(({ key }) => key))]);
    const over = unclosed.flatMap((letter) => {
      const version = held.get(letter.key)?.version ?? 0;
      const reason = `the view holds version ${version} of the entity`;
      const closing = { status: 'superseded', nowMs: clock.nowMs(), by: 'builder', reason } as const;
      return isSuperseded(letter, version) ? [closed(letter, closing)] : [];
    });
    if (over.length > 0) await letters.put(over);
  }
}
