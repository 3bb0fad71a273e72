import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from './client.js';

/** What one reader may ask again and again: how many flights of a route there are, as one view shows it. */
export interface Question {
  readonly ask: () => Promise<Answer>;
  readonly count: (body: unknown) => number;
  /** What is wrong with the rows of an answer, given the generation that it names; undefined: nothing. */
  readonly fault?: (body: unknown, generation: string) => string | undefined;
}

export interface ReadReport {
  reads: number;
  /** Answers that were no answers. */
  readonly failures: string[];
  /** Counts that were smaller than one that the same reader had seen before: time ran backwards. */
  readonly backwards: string[];
  /** Answers with a fault in their rows. */
  readonly faults: string[];
  readonly generations: Set<string>;
}

/** Reads side by side until stopped; flights are only ever added, so what a reader sees may only grow. */
export class Readers {
  private stopped = false;
  private readonly running: Promise<void>[];
  readonly report: ReadReport = {
    reads: 0,
    failures: [],
    backwards: [],
    faults: [],
    generations: new Set(),
  };

  /** @param pauseMs Between an answer and the same reader's next question; left out: none. */
  constructor(
    questions: readonly Question[],
    private readonly pauseMs?: number,
  ) {
    this.running = questions.map((question) => this.read(question));
  }

  async stop(): Promise<ReadReport> {
    this.stopped = true;
    await Promise.all(this.running);
    return this.report;
  }

  private async read({ ask, count, fault }: Question): Promise<void> {
    let seen = 0;
    while (!this.stopped) {
      if (this.pauseMs !== undefined) await pause(this.pauseMs);
      this.report.reads += 1;
      try {
        const { status, generation, body } = await ask();
        if (status !== 200 || generation === null) {
          this.report.failures.push(`${status}: ${JSON.stringify(body).slice(0, 200)}`);
          continue;
        }
        this.report.generations.add(generation);
        const found = fault?.(body, generation);
        if (found !== undefined) this.report.faults.push(found);
        const now = count(body);
        if (now < seen) this.report.backwards.push(`${generation} showed ${now} after ${seen}`);
        seen = now;
      } catch (failure) {
        this.report.failures.push(String(failure));
      }
    }
  }
}

/** Schedules flights one after another until stopped: numbers 1, 2, 3 … of one route on one day. */
export class Writer {
  private stopped = false;
  private readonly running: Promise<void>;
  written = 0;
  readonly refused: string[] = [];

  constructor(schedule: (number: number) => Promise<Answer>, first: number) {
    this.running = this.write(schedule, first);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async write(schedule: (number: number) => Promise<Answer>, first: number): Promise<void> {
    while (!this.stopped) {
      const { status, body } = await schedule(first + this.written);
      if (status === 201) this.written += 1;
      else this.refused.push(`${status}: ${JSON.stringify(body)}`);
      // A steady load: every page of the board still shows them all.
      await pause(100);
    }
  }
}
