import { setTimeout as pause } from 'node:timers/promises';
import type { Report } from './report.js';

/** What is asked again and again. */
export interface Question {
  readonly view: string;
  readonly url: string;
}

/**
 * Asks every query service all the time. One that is down refuses the connection, which is no failure of an answer; an
 * answer must be right, say that it is not there (404), or say that it cannot answer now and when to try again (503).
 */
export class Readers {
  private stopped = false;
  private readonly running: Promise<void>[];

  constructor(
    questions: readonly Question[],
    private readonly report: Report,
  ) {
    this.running = questions.map((question) => this.read(question));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  private async read({ view, url }: Question): Promise<void> {
    while (!this.stopped) {
      await pause(100);
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
        const body = await response.text();
        this.report.count('answers');
        if (response.status === 200 || response.status === 404) {
          if (response.status === 200 && response.headers.get('reprise-generation') === null)
            this.report.finding(`${view}: an answer names no generation`);
        } else if (response.status === 503) this.report.count('answers: try again');
        else this.report.finding(`${view} answered ${response.status}: ${body.slice(0, 200)}`);
      } catch {
        this.report.count('answers: not reached');
      }
    }
  }
}
