import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from './client.js';

/** What one answer shows. */
export interface Shown {
  /** The names of generations on its rows. */
  readonly stamps: readonly unknown[];
  /** What only ever grows, by what it is of: the more, the newer. */
  readonly places: ReadonlyMap<string, number>;
}

export interface FlipReadersOptions {
  readonly ask: () => Promise<Answer>;
  readonly show: (body: unknown) => Shown;
  /** How many rows with a generation's name on them every answer holds. */
  readonly stamped: number;
  readonly readers: number;
  readonly readsPerSecond: number;
}

export interface FlipReport {
  reads: number;
  /** Answers that were no answers. */
  readonly failures: string[];
  /** Answers with rows of a generation other than the one they name. */
  readonly mixed: string[];
  /** What was shown in an older state after anyone had seen a newer one. */
  readonly backwards: string[];
}

/**
 * Readers of one view, side by side, each at its share of the rate. Whoever begins to read after anyone's answer has come
 * must not be shown less than that answer did.
 */
export class FlipReaders {
  readonly report: FlipReport = { reads: 0, failures: [], mixed: [], backwards: [] };
  /** The generation of the newest answer. */
  generation = '';
  private seen: Shown['places'] = new Map();
  private stopped = false;
  private readonly running: Promise<void>[];

  constructor(private readonly options: FlipReadersOptions) {
    this.running = Array.from({ length: options.readers }, () => this.read());
  }

  async stop(): Promise<FlipReport> {
    this.stopped = true;
    await Promise.all(this.running);
    return this.report;
  }

  private async read(): Promise<void> {
    const { readers, readsPerSecond } = this.options;
    const everyMs = (readers * 1_000) / readsPerSecond;
    while (!this.stopped) {
      const beganMs = performance.now();
      await this.readOnce(this.seen);
      await pause(Math.max(1, everyMs - (performance.now() - beganMs)));
    }
  }

  private async readOnce(before: Shown['places']): Promise<void> {
    this.report.reads += 1;
    try {
      const { status, generation, body } = await this.options.ask();
      if (status === 200 && generation !== null) this.check(before, generation, body);
      else this.report.failures.push(`${status}: ${JSON.stringify(body).slice(0, 200)}`);
    } catch (failure) {
      this.report.failures.push(String(failure));
    }
  }

  private check(before: Shown['places'], generation: string, body: unknown): void {
    const { stamps, places } = this.options.show(body);
    if (stamps.length !== this.options.stamped || stamps.some((stamp) => stamp !== generation))
      this.report.mixed.push(
        `${generation} showed ${stamps.length} rows of ${[...new Set(stamps)].join(' and ')}`,
      );
    for (const [name, place] of before) {
      const now = places.get(name) ?? -1;
      if (now < place) this.report.backwards.push(`${generation} showed ${name} at ${now} after ${place}`);
    }
    this.generation = generation;
    this.seen = new Map(
      [...places].map(([name, place]) => [name, Math.max(place, this.seen.get(name) ?? place)]),
    );
  }
}
