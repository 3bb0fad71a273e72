import { appendFileSync } from 'node:fs';

/** What a run has done and found. Any finding makes it unclean. */
export class Report {
  readonly counts = new Map<string, number>();
  readonly findings: string[] = [];

  constructor(private readonly logFile: string) {}

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  /** Something that happened, for whoever looks for the cause of a finding later. */
  note(text: string): void {
    appendFileSync(this.logFile, `${new Date().toISOString()} ${text}\n`);
  }

  finding(text: string): void {
    this.findings.push(text);
    this.note(`FINDING ${text}`);
  }

  summary(): string {
    return [...this.counts]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([what, count]) => `${what} ${count}`)
      .join(', ');
  }
}
