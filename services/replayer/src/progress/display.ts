import { SingleBar } from 'cli-progress';

/** Where the replay stands, for who watches. */
export interface Standing {
  /** What is being done: `airlines, airports, aircraft` or `flights`. */
  readonly phase: string;
  /** 0 to 1. */
  readonly done: number;
  readonly commands: number;
  readonly commandsPerSecond: number;
  /** Day and hour of 2013, or empty. */
  readonly simulated: string;
}

export interface Display {
  show(standing: Standing): void;
  /** A line of its own, above the bar if there is one. */
  say(line: string): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere a line every few seconds. */
export function createDisplay(output: NodeJS.WriteStream): Display {
  return output.isTTY ? new BarDisplay(output) : new LineDisplay(output, () => performance.now());
}

class BarDisplay implements Display {
  private readonly bar: SingleBar;
  private isRunning = false;

  constructor(private readonly output: NodeJS.WriteStream) {
    this.bar = new SingleBar({
      format:
        '{phase} {bar} {percentage}% | {commands} commands, {rate}/s | {simulated} | {eta_formatted} to go',
      stream: output,
      hideCursor: true,
      etaBuffer: 50,
    });
  }

  show({ phase, done, commands, commandsPerSecond, simulated }: Standing): void {
    const fields = { phase, commands, rate: Math.round(commandsPerSecond), simulated };
    if (!this.isRunning) this.bar.start(1_000, 0, fields);
    this.isRunning = true;
    this.bar.update(Math.floor(done * 1_000), fields);
  }

  say(line: string): void {
    this.stop();
    this.output.write(`${line}\n`);
  }

  stop(): void {
    if (this.isRunning) this.bar.stop();
    this.isRunning = false;
  }
}

const lineEveryMs = 5_000;

export class LineDisplay implements Display {
  private lastLineAt = -Infinity;

  constructor(
    private readonly output: { write(text: string): unknown },
    private readonly nowMs: () => number,
  ) {}

  show({ phase, done, commands, commandsPerSecond, simulated }: Standing): void {
    const now = this.nowMs();
    if (now - this.lastLineAt < lineEveryMs) return;
    this.lastLineAt = now;
    const place = [
      `${Math.floor(done * 100)}%`,
      `${commands} commands`,
      `${Math.round(commandsPerSecond)}/s`,
      simulated,
    ];
    this.output.write(`${phase}: ${place.filter((part) => part !== '').join(', ')}\n`);
  }

  say(line: string): void {
    this.output.write(`${line}\n`);
  }

  stop(): void {
    this.lastLineAt = -Infinity;
  }
}
