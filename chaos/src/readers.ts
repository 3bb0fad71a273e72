import { setTimeout as pause } from 'node:timers/promises';
import type { Question } from './questions.js';
import type { Report } from './report.js';

const everyMs = 250;

/**
 * Asks every query service all the time. One that is down refuses the connection, which is no failure of an answer. An
 * answer must be right, say that there is nothing (404), or say that it cannot answer now and when to try again (503 with
 * Retry-After); and what a reader sees of a thing that only grows must not shrink.
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

  private async read(question: Question): Promise<void> {
    const seen = new Seen(question, this.report);
    while (!this.stopped) {
      await pause(everyMs);
      const url = question.url();
      const answer = await this.answer(question.view, url);
      if (answer) seen.take(url, answer);
    }
  }

  /** Undefined when it is none to look at. */
  private async answer(view: string, url: string): Promise<Answer | undefined> {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
      const text = await response.text();
      this.report.count('answers');
      const { status, headers } = response;
      const generation = headers.get('reprise-generation');
      if (status === 200 && generation !== null) return { generation, body: JSON.parse(text) };
      if (status === 404) return { generation, body: undefined };
      if (status === 503 && headers.has('retry-after')) this.report.count('answers: try again');
      else this.report.finding(`${view} answered ${status} from ${generation}: ${text.slice(0, 200)}`);
    } catch (failure) {
      if (failure instanceof SyntaxError) this.report.finding(`${view} answered no JSON: ${failure.message}`);
      else this.report.count('answers: not reached');
    }
    return undefined;
  }
}

interface Answer {
  readonly generation: string | null;
  /** Undefined for a 404. */
  readonly body: unknown;
}

/** What one reader saw last. */
class Seen {
  private url = '';
  private count = 0;
  private generation: string | null = null;

  constructor(
    private readonly question: Question,
    private readonly report: Report,
  ) {}

  take(url: string, { generation, body }: Answer): void {
    const { view, grown } = this.question;
    if (!grown) return;
    const count = body === undefined ? 0 : grown(body);
    if (url === this.url && count < this.count)
      this.report.finding(
        `${view} went back: ${generation} showed ${count} after ${this.generation} had shown ${this.count}`,
      );
    if (generation !== null && generation !== this.generation)
      this.report.count('answers: another generation');
    Object.assign(this, { url, count, generation });
  }
}
