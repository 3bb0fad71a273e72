import { CodedError } from '@reprise/kernel';

/** What an operator asks of a generation's reading. */
export interface Pace {
  readonly paused: boolean;
  /** Most records a second; null: no limit. */
  readonly maxRecordsPerSecond: number | null;
}

/** Longest wait without another look at what is asked. */
const lookMs = 100;

/** Holds reading back: while it is paused, and as a limit asks. `running` ⇄ `paused` → `stopped`. */
export class Pacer {
  private pace: Pace = { paused: false, maxRecordsPerSecond: null };
  /** When the records that were let through are paid for. */
  private freeAtMs = 0;
  private stopped = false;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  set(pace: Pace): void {
    this.pace = pace;
  }

  get isPaused(): boolean {
    return this.pace.paused;
  }

  stop(): void {
    this.stopped = true;
  }

  /**
   * Resolves when these records, which come next, may be worked on.
   * @throws CodedError `retry` when it was stopped meanwhile.
   */
  async let(records: number): Promise<void> {
    while (this.waitMs() > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(lookMs, this.waitMs())));
      if (this.stopped) throw new CodedError('reading-stopped', 'the reader stops', { decision: 'retry' });
    }
    const { maxRecordsPerSecond } = this.pace;
    if (maxRecordsPerSecond !== null)
      this.freeAtMs = Math.max(this.freeAtMs, this.nowMs()) + (records * 1_000) / maxRecordsPerSecond;
  }

  private waitMs(): number {
    const { paused, maxRecordsPerSecond } = this.pace;
    if (paused) return lookMs;
    return maxRecordsPerSecond === null ? 0 : this.freeAtMs - this.nowMs();
  }
}
