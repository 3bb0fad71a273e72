import { pause } from './retry.js';

/** Lets simulated time pass so many times faster than real time, from the first command on. */
export class Pace {
  private start: { readonly realMs: number; readonly simulatedMs: number } | undefined;

  constructor(
    /** Undefined: nothing is waited for. */
    private readonly speed: number | undefined,
    private readonly stop: AbortSignal,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Real milliseconds until a command of this simulated time is due; 0 or less: it is. */
  untilDueMs(atMs: number): number {
    if (this.speed === undefined) return 0;
    this.start ??= { realMs: this.nowMs(), simulatedMs: atMs };
    return (atMs - this.start.simulatedMs) / this.speed - (this.nowMs() - this.start.realMs);
  }

  async untilDue(atMs: number): Promise<void> {
    const waitMs = this.untilDueMs(atMs);
    if (waitMs > 0) await pause(waitMs, this.stop);
  }
}
