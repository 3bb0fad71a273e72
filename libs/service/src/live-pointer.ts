import { hasReached, type Positions } from '@reprise/kernel';
import { SharedAnswers } from './shared-answers.js';

/** What the pointer needs to know of a generation before readers may go over to it. */
export interface GenerationPositions {
  /** The positions that readers of this generation see, at least. Undefined when it is gone. */
  positions(generation: string): Promise<Positions | undefined>;
  /** As `positions`, once all that is applied was made visible: nobody waits for the builder to do so. */
  settled(generation: string): Promise<Positions | undefined>;
  /** The positions that readers of this generation may have seen by now, or before it was gone, at most. */
  mayShow(generation: string): Promise<Positions>;
}

export interface LivePointerOptions {
  readonly source: GenerationPositions;
  readonly pause: (durationMs: number) => Promise<void>;
  readonly nowMs: () => number;
  /** Longest time, milliseconds, that reads are held back in one attempt to switch. */
  readonly maxHoldMs: number;
  /** Whether a read failed because its generation is not there any more. */
  readonly isGone: (failure: unknown) => boolean;
  /** Longest time that such a read waits for another generation to be served. */
  readonly maxGoneMs: number;
  readonly onSwitch: (change: { from: string | undefined; to: string; heldMs: number }) => void;
  readonly onTrouble: (reason: unknown) => void;
}

const pollMs = 10;
/** How long the first attempt to switch may hold reads back: enough where operators flip to what has caught up. */
const briefHoldMs = 500;
const gonePollMs = 50;

/**
 * Which generation answers. States: `none` → `serving` ⇄ `switching`.
 *
 * A read takes the generation that is served when it begins, and finishes on it. To switch without time running
 * backwards: hold new reads, and the answers of those that end; note what the old generation may have shown by now; wait until
 * the new one shows as much; go over; let the new reads go on. Reads that are still in flight on the old generation are not
 * waited for: each is answered once the new one shows all that the old one may have shown when the read ended. An attempt that
 * takes too long, whatever it waits for, lets the reads go on at the old generation. After a first, brief one the next waits
 * until the new generation has about caught up; then it may take `maxHoldMs`.
 */
export class LivePointer {
  private serving: string | undefined;
  private wanted: string | undefined;
  private isFollowing = false;
  private gate: Gate | undefined;
  private readonly overtaken = new SharedAnswers((generation) => this.isOvertaken(generation));
  private stopped = false;

  constructor(private readonly options: LivePointerOptions) {}

  get generation(): string | undefined {
    return this.serving;
  }

  /** The generation that is to answer from now on. */
  want(generation: string): void {
    this.wanted = generation;
    if (!this.isFollowing) void this.follow();
  }

  stop(): void {
    this.stopped = true;
    this.openGate(this.gate);
  }

  /**
   * Runs a read on the generation being served; undefined when there is none. A process that was away during a flip may
   * still serve a generation that is dropped by now: then the read is made again, until the next one is served. It is made
   * again as well where the generation that is served by now does not come to show what it may have seen.
   * @throws whatever the query fails with.
   */
  async read<Result>(
    query: (generation: string) => Promise<Result>,
  ): Promise<{ generation: string; result: Result } | undefined> {
    const { nowMs, pause, isGone, maxGoneMs } = this.options;
    const untilMs = nowMs() + maxGoneMs;
    for (;;) {
      await this.ungated();
      const generation = this.serving;
      if (generation === undefined) return undefined;
      try {
        const result = await query(generation);
        if (await this.mayTell(generation)) return { generation, result };
      } catch (failure) {
        if (!isGone(failure) || nowMs() >= untilMs || this.stopped) throw failure;
        await pause(gonePollMs);
      }
    }
  }

  /** Whether what a read has just seen in a generation may be told, as nobody who reads later sees less. */
  private async mayTell(generation: string): Promise<boolean> {
    await this.ungated();
    if (this.serving === generation) return true;
    const tooLong = this.options.pause(briefHoldMs).then(() => false);
    return Promise.race([this.overtaken.fresh(generation).catch(() => false), tooLong]);
  }

  /** True once the generation that is served shows all that the other one may have shown by now; false when it takes too long. */
  private async isOvertaken(generation: string): Promise<boolean> {
    const { source, nowMs } = this.options;
    const untilMs = nowMs() + briefHoldMs;
    for (let serving = this.serving; serving !== undefined; serving = this.serving) {
      const [wanted, shown] = await Promise.all([source.mayShow(generation), source.positions(serving)]);
      const isShown = await this.untilShown(serving, { wanted, shown }, () => nowMs() < untilMs);
      // A switch that began in the meantime may have asked its question before all that was shown.
      if (!this.gate && this.serving === serving) return isShown;
      await this.ungated();
    }
    return false;
  }

  private async ungated(): Promise<void> {
    while (this.gate) await this.gate.opened;
  }

  private async follow(): Promise<void> {
    this.isFollowing = true;
    while (!this.stopped && this.wanted !== undefined && this.wanted !== this.serving) {
      const [from, to] = [this.serving, this.wanted];
      try {
        if (from === undefined) this.serve(from, to, 0);
        else await this.switchOver(from, to);
      } catch (failure) {
        this.options.onTrouble(failure);
        await this.options.pause(100);
      }
    }
    // In one step with the loop's last look at what is wanted, so that no wish falls in between.
    this.isFollowing = false;
  }

  private async switchOver(from: string, to: string): Promise<void> {
    if (await this.attempt(from, to, Math.min(briefHoldMs, this.options.maxHoldMs))) return;
    const { source, maxHoldMs } = this.options;
    // One that was dropped before we heard of the flip bounds nothing here: what it may have shown is asked in the attempt.
    const [near, first] = await Promise.all([source.positions(from), source.positions(to)]);
    const isNear = await this.untilShown(
      to,
      { wanted: near ?? new Map(), shown: first },
      () => this.wanted === to,
    );
    if (isNear) await this.attempt(from, to, maxHoldMs);
  }

  /** False when it was given up, as it took too long, or as another generation is wanted. */
  private async attempt(from: string, to: string, mostMs: number): Promise<boolean> {
    const { source, nowMs, pause } = this.options;
    const beganMs = nowMs();
    const gate = this.closeGate();
    const isHeld = (): boolean => this.gate === gate;
    void pause(mostMs).then(() => {
      this.openGate(gate);
    });
    try {
      const [wanted, shown] = await Promise.all([source.mayShow(from), source.positions(to)]);
      const goesOn = () => isHeld() && this.wanted === to;
      const isShown = await this.untilShown(to, { wanted, shown }, goesOn);
      // A read that the gate let through in the meantime may have seen more.
      if (!isShown || !isHeld()) return false;
      this.serve(from, to, nowMs() - beganMs);
      return true;
    } finally {
      this.openGate(gate);
    }
  }

  /**
   * True once all that is wanted is shown; false when there is no more reason to wait. Builders that heard of the flip before made
   * all of it visible: only where that is not enough, it is done here.
   */
  private async untilShown(
    generation: string,
    { wanted, shown: first }: { wanted: Positions; shown: Positions | undefined },
    goOn: () => boolean,
  ): Promise<boolean> {
    const { source, pause } = this.options;
    let shown = first;
    for (let tries = 0; !this.stopped && goOn(); tries += 1) {
      if (shown && hasReached(shown, wanted)) return true;
      if (tries > 0) await pause(pollMs);
      shown = await source.settled(generation);
    }
    return false;
  }

  private serve(from: string | undefined, to: string, heldMs: number): void {
    this.serving = to;
    this.options.onSwitch({ from, to, heldMs });
    // What the switch away from it will ask with reads held: the first time takes several times as long as any other.
    this.options.source.mayShow(to).catch(() => undefined);
  }

  private closeGate(): Gate {
    const { promise: opened, resolve: open } = Promise.withResolvers<undefined>();
    const gate = {
      opened,
      open: () => {
        open(undefined);
      },
    };
    this.gate = gate;
    return gate;
  }

  private openGate(gate: Gate | undefined): void {
    if (this.gate === gate) this.gate = undefined;
    gate?.open();
  }
}

/** Holds reads back until it is opened. */
interface Gate {
  readonly opened: Promise<void>;
  readonly open: () => void;
}
