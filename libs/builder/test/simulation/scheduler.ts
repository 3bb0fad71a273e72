/** Chances that a seed decides. (mulberry32) */
export class Seeded {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

interface Waiting {
  readonly owner: object;
  readonly go: () => void;
}

/**
 * Lets one thing happen at a time, in an order that the seed decides. Everything that takes time in the world waits here for
 * its turn; what an owner that died still waits for never comes.
 */
export class Scheduler {
  private waiting: Waiting[] = [];
  /** What real stores are at. */
  private readonly underWay = new Set<Promise<unknown>>();
  steps = 0;

  constructor(readonly random: Seeded) {}

  /** Resolves when it is this step's turn. */
  turn(owner: object): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ owner, go: resolve });
    });
  }

  /** The step that began this work lasts until it is done, so that also with a real store one thing happens at a time. */
  during<Result>(work: Promise<Result>): Promise<Result> {
    this.underWay.add(work);
    const end = (): void => {
      this.underWay.delete(work);
    };
    work.then(end, end);
    return work;
  }

  forget(owner: object): void {
    this.waiting = this.waiting.filter((one) => one.owner !== owner);
  }

  get idle(): boolean {
    return this.waiting.length === 0;
  }

  /** Lets one of those that wait go on, until it waits again; when nobody waits, what real stores are at is waited for. */
  async step(): Promise<void> {
    this.steps += 1;
    if (!this.idle) {
      const place = this.random.below(this.waiting.length);
      const [chosen] = this.waiting.splice(place, 1);
      chosen?.go();
    }
    await drained();
    while (this.underWay.size > 0) {
      await Promise.allSettled(this.underWay);
      await drained();
    }
  }
}

/** When every promise callback has run: ticks come after all of them, and cost much less than a round of the event loop. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
