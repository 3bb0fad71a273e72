import { appendFileSync } from 'node:fs';

/** What a run has done and found. Any finding makes it unclean. */
export class Report {
  readonly counts = new Map<string, number>();
  private readonly found = new Map<string, number>();

  constructor(private readonly logFile: string) {}

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  /** Something that happened, for whoever looks for the cause of a finding later. */
  note(text: string): void {
    appendFileSync(this.logFile, `${new Date().toISOString()} ${text}\n`);
  }

  /** One that was there before is only counted: a service in trouble gives the same wrong answer many times a second. */
  finding(text: string): void {
    const times = (this.found.get(text) ?? 0) + 1;
    this.found.set(text, times);
    if (times === 1) this.note(`FINDING ${text}`);
  }

  get findings(): readonly string[] {
    return [...this.found].map(([text, times]) => (times === 1 ? text : `${text} (${times} times)`));
  }

  summary(): string {
    return [...this.counts]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([what, count]) => `${what} ${count}`)
      .join(', ');
  }
}
