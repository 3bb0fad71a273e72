import cliProgress from 'cli-progress';
import type { Generation } from './answers.js';
import { renderGeneration } from './render.js';

/** Where the progress of a rebuild is shown. */
export interface ProgressDisplay {
  show(generation: Generation): void;
  end(): void;
}

/** Text goes out in one write a line. */
export interface LineOutput {
  write(text: string): unknown;
}

export const noDisplay: ProgressDisplay = { show: () => undefined, end: () => undefined };

export function progressDisplay(output: NodeJS.WriteStream): ProgressDisplay {
  return output.isTTY ? new ProgressBar(output) : new ProgressLines(output);
}

/** For a terminal: one bar that moves. */
class ProgressBar implements ProgressDisplay {
  private readonly bar: cliProgress.SingleBar;
  private started = false;

  constructor(stream: NodeJS.WritableStream) {
    const format = '{name} [{bar}] {shown}% | {status} | {rate} records/s | {left}';
    this.bar = new cliProgress.SingleBar(
      { stream, format, hideCursor: true },
      cliProgress.Presets.shades_classic,
    );
  }

  show({ name, status, progress }: Generation): void {
    const percent = progress?.percent ?? 0;
    const eta = progress?.etaSeconds ?? null;
    const left =
      status === 'building' ? `ETA ${eta === null ? '-' : `${eta} s`}` : `lag ${progress?.lagRecords ?? '-'}`;
    const fields = { name, status, shown: percent, left, rate: progress?.recordsPerSecond ?? 0 };
    if (this.started) this.bar.update(percent, fields);
    else this.bar.start(100, percent, fields);
    this.started = true;
  }

  end(): void {
    if (this.started) this.bar.stop();
  }
}

/** For a file or a pipe: a line when the status changes, and at every tenth of the way. */
export class ProgressLines implements ProgressDisplay {
  private last = '';

  constructor(private readonly output: LineOutput) {}

  show(generation: Generation): void {
    const mark = `${generation.status} ${Math.floor((generation.progress?.percent ?? 0) / 10)}`;
    if (mark === this.last) return;
    this.last = mark;
    this.output.write(`${renderGeneration(generation)}\n`);
  }

  end(): void {
    // Every line is out already.
  }
}
