import type { Positions } from '@reprise/kernel';
import type { PublishedRecord } from './published-message.js';

/** Someone who waits until some records are published. */
export class Waiter {
  readonly sinceMs = performance.now();
  /** False as long as the transaction that writes the records is open: nothing can be said of them. */
  isCommitted = false;
  /** The session that has listened from the beginning of the wait; undefined when none has. */
  session: number | undefined;
  private readonly places = new Map<string, bigint>();
  private readonly outcome = Promise.withResolvers<Positions>();

  constructor(
    readonly missing: Set<string>,
    /** Every `topic/partition` that the records belong to. */
    readonly partitions: readonly string[],
  ) {}

  get positions(): Promise<Positions> {
    return this.outcome.promise;
  }

  hear({ id, partition, nextOffset }: PublishedRecord): void {
    this.missing.delete(id);
    if (nextOffset > (this.places.get(partition) ?? 0n)) this.places.set(partition, nextOffset);
    if (this.missing.size === 0) this.settle(this.places);
  }

  settle(positions: Positions): void {
    this.outcome.resolve(positions);
  }
}

/** Who waits for which records. */
export class WaitingList implements Iterable<Waiter> {
  private readonly waiters = new Set<Waiter>();
  private readonly byRecord = new Map<string, Set<Waiter>>();

  [Symbol.iterator](): IterableIterator<Waiter> {
    return this.waiters.values();
  }

  add(waiter: Waiter): void {
    this.waiters.add(waiter);
    for (const id of waiter.missing) {
      const others = this.byRecord.get(id);
      if (others) others.add(waiter);
      else this.byRecord.set(id, new Set([waiter]));
    }
  }

  remove(waiter: Waiter): void {
    if (!this.waiters.delete(waiter)) return;
    for (const id of waiter.missing) {
      const others = this.byRecord.get(id);
      others?.delete(waiter);
      if (others?.size === 0) this.byRecord.delete(id);
    }
  }

  hear(record: PublishedRecord): void {
    const waiters = this.byRecord.get(record.id);
    this.byRecord.delete(record.id);
    for (const waiter of waiters ?? []) {
      waiter.hear(record);
      if (waiter.missing.size === 0) this.waiters.delete(waiter);
    }
  }
}
