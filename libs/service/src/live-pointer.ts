import { hasReached, type Positions } from '@reprise/kernel';

/** What the pointer needs to know of a generation before readers may go over to it. */
export interface GenerationPositions {
  /** The positions that readers of this generation see. */
  positions(generation: string): Promise<Positions>;
}

export interface LivePointerOptions {
  readonly source: GenerationPositions;
  readonly pause: (durationMs: number) => Promise<void>;
  readonly nowMs: () => number;
  /** Longest time that reads are held back in one attempt to switch. */
  readonly maxHoldMs: number;
  readonly onSwitch: (change: { from: string | undefined; to: string; heldMs: number }) => void;
  readonly onTrouble: (reason: unknown) => void;
}

const pollMs = 10;

/**
 * Which generation answers. States: `none` → `serving` ⇄ `switching`.
 *
 * A read takes the generation that is served when it begins, and finishes on it. To switch without time running
 * backwards: wait until the new generation has about caught up; hold new reads; let those in flight end; note what the
 * old generation shows now; wait until the new one shows as much; go over; let the held reads go on. An attempt that
 * takes longer than `maxHoldMs` lets the reads go on at the old generation and is tried again.
 */
export class LivePointer {
  private serving: string | undefined;
  private wanted: string | undefined;
  private switching: Promise<void> | undefined;
  private inFlight = 0;
  private gate: { opened: Promise<void>; open: () => void } | undefined;
  private drained: () => void = () => undefined;
  private stopped = false;

  constructor(private readonly options: LivePointerOptions) {}

  get generation(): string | undefined {
    return this.serving;
  }

  /** The generation that is to answer from now on. */
  want(generation: string): void {
    this.wanted = generation;
    this.switching ??= this.follow().finally(() => {
      this.switching = undefined;
    });
  }

  stop(): void {
    this.stopped = true;
    this.openGate();
  }

  /** Runs a read on the generation being served; undefined when there is none. */
  async read<Result>(query: (generation: string) => Promise<Result>): Promise<{ generation: string; result: Result } | undefined> {
    while (this.gate) await this.gate.opened;
    const generation = this.serving;
    if (generation === undefined) return undefined;
    this.inFlight += 1;
    try {
      return { generation, result: await query(generation) };
    } finally {
      this.inFlight -= 1;
      if (this.inFlight === 0) this.drained();
    }
  }

  private async follow(): Promise<void> {
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
  }

  private async switchOver(from: string, to: string): Promise<void> {
    const { source, nowMs, maxHoldMs } = this.options;
    const near = await source.positions(from);
    if (!(await this.untilShown(to, near, () => this.wanted === to))) return;
    const beganMs = nowMs();
    this.closeGate();
    try {
      await this.drain();
      const shown = await source.positions(from);
      if (await this.untilShown(to, shown, () => nowMs() - beganMs <= maxHoldMs)) this.serve(from, to, nowMs() - beganMs);
    } finally {
      this.openGate();
    }
  }

  /** False when there is no more reason to wait. */
  private async untilShown(generation: string, wanted: Positions, goOn: () => boolean): Promise<boolean> {
    while (!this.stopped && goOn()) {
      if (hasReached(await this.options.source.positions(generation), wanted)) return true;
      await this.options.pause(pollMs);
    }
    return false;
  }

  private serve(from: string | undefined, to: string, heldMs: number): void {
    this.serving = to;
    this.options.onSwitch({ from, to, heldMs });
  }

  private drain(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return Promise.race([
      new Promise<void>((resolve) => {
        this.drained = resolve;
      }),
      this.options.pause(this.options.maxHoldMs),
    ]);
  }

  private closeGate(): void {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.gate = { opened, open };
  }

  private openGate(): void {
    const gate = this.gate;
    this.gate = undefined;
    gate?.open();
  }
}
