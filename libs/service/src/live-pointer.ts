import { hasReached, type Positions } from '@reprise/kernel';

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
 * backwards: hold new reads; let those in flight end; note what the old generation may have shown by now; wait until the new
 * one shows as much; go over; let the held reads go on. An attempt that takes too long, whatever it waits for, lets the reads go
 * on at the old generation. After a first, brief one the next waits until the new generation has about caught up; then it may
 * take `maxHoldMs`.
 */
export class LivePointer {
  private serving: string | undefined;
  private wanted: string | undefined;
  private isFollowing = false;
  private inFlight = 0;
  private gate: Gate | undefined;
  private drained: () => void = () => undefined;
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
   * still serve a generation that is dropped by now: then the read is made again, until the next one is served.
   * @throws whatever the query fails with.
   */
  async read<Result>(
    query: (generation: string) => Promise<Result>,
  ): Promise<{ generation: string; result: Result } | undefined> {
    const { nowMs, pause, isGone, maxGoneMs } = this.options;
    const untilMs = nowMs() + maxGoneMs;
    for (;;) {
      while (this.gate) await this.gate.opened;
      const generation = this.serving;
      if (generation === undefined) return undefined;
      try {
        return { generation, result: await this.counted(() => query(generation)) };
      } catch (failure) {
        if (!isGone(failure) || nowMs() >= untilMs || this.stopped) throw failure;
      }
      await pause(gonePollMs);
    }
  }

  private async counted<Result>(query: () => Promise<Result>): Promise<Result> {
    this.inFlight += 1;
    try {
      return await query();
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.drained();
    }
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
      await this.drain(gate);
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
  }

  /** Until no read is in flight, or the gate is open again. */
  private async drain(gate: Gate): Promise<void> {
    if (this.inFlight === 0) return;
    const drained = new Promise<void>((resolve) => {
      this.drained = resolve;
    });
    await Promise.race([drained, gate.opened]);
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
