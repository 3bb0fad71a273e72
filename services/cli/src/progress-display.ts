import cliProgress from 'cli-progress';
import type { Generation } from './answers.js';
import { renderGeneration, stageOf } from './render.js';

/** Where the progress of a rebuild or a verification is shown. */
export interface ProgressDisplay {
  show(generation: Generation): void;
  end(): void;
}

/** Text goes out in one write a line. */
export interface LineOutput {
  write(text: string): unknown;
}

export const noDisplay: ProgressDisplay = { show: () => undefined, end: () => undefined };

/** Where text goes to: a terminal, a file or a pipe. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

export function progressDisplay(output: Output): ProgressDisplay {
  return output.isTTY ? new ProgressBar(output) : new ProgressLines(output);
}

/** A line for each problem as it appears, and one when all are over. */
class ProblemLines {
  private shown = new Set<string>();

  take({ name, problems }: Generation): string[] {
    const fresh = problems.filter((problem) => !this.shown.has(problem));
    const isOver = problems.length === 0 && this.shown.size > 0;
    this.shown = new Set(problems);
    return [...fresh.map((problem) => `${name} ! ${problem}\n`), ...(isOver ? [`${name}: going on\n`] : [])];
  }
}

/** For a terminal: one bar that moves, under the lines of what went wrong. */
class ProgressBar implements ProgressDisplay {
  private readonly bar: cliProgress.MultiBar;
  private readonly problems = new ProblemLines();
  private line: cliProgress.SingleBar | undefined;

  constructor(stream: NodeJS.WritableStream) {
    const format = '{name} [{bar}] {shown}% | {stage} | {rate} records/s | {left}';
    this.bar = new cliProgress.MultiBar(
      { stream, format, hideCursor: true },
      cliProgress.Presets.shades_classic,
    );
  }

  show(generation: Generation): void {
    const { name, status, progress } = generation;
    const { stage, percent } = stageOf(generation);
    const eta = progress?.etaSeconds ?? null;
    const left =
      status === 'building' ? `ETA ${eta === null ? '-' : `${eta} s`}` : `lag ${progress?.lagRecords ?? '-'}`;
    const fields = { name, stage, shown: percent, left, rate: progress?.recordsPerSecond ?? 0 };
    for (const problem of this.problems.take(generation)) this.bar.log(problem);
    this.line ??= this.bar.create(100, percent, fields);
    this.line.update(percent, fields);
  }

  end(): void {
    this.bar.stop();
  }
}

/** For a file or a pipe: a line when the stage changes, and at every tenth of the way. */
export class ProgressLines implements ProgressDisplay {
  private readonly problems = new ProblemLines();
  private last = '';

  constructor(private readonly output: LineOutput) {}

  show(generation: Generation): void {
    const { stage, percent } = stageOf(generation);
    const mark = `${stage} ${Math.floor(percent / 10)}`;
    if (mark !== this.last) this.output.write(`${renderGeneration(generation)}\n`);
    this.last = mark;
    for (const problem of this.problems.take(generation)) this.output.write(problem);
  }

  end(): void {
    // Every line is out already.
  }
}
