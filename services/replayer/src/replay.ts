import type { ReplayArguments } from './arguments.js';
import { recordYear } from './dataset.js';
import { originZone } from './flights/flight-commands.js';
import { dayMs } from './flights/time-zones.js';
import type { Display } from './progress/display.js';
import { Meter } from './progress/meter.js';
import { ProgressFile, selectionId } from './progress/progress-file.js';
import { recordedCommands } from './record.js';
import { referenceCommands } from './references.js';
import { oneAhead } from './sending/ahead.js';
import { BatchSender } from './sending/batch-sender.js';
import { batchesOf } from './sending/batches.js';
import { Pace } from './sending/pace.js';
import { describe, settle } from './settle.js';

const maxCommands = 2_000;
const patienceMs = 5 * 60_000;

export interface ReplayEnvironment {
  readonly display: Display;
  /** Aborted by a signal: the request in flight is finished and recorded, then the replay ends. */
  readonly stop: AbortSignal;
  /** The access token, if one is needed. */
  readonly token?: () => string | undefined;
}

/**
 * Feeds the record to the flight commands: first what flights refer to, then the flights in the order of time; then waits
 * until all views show it. Continues where an earlier run with the same file came to.
 */
export class Replay {
  private readonly sender: BatchSender;
  private readonly meter = new Meter(() => performance.now());
  private readonly startedAtMs = performance.now();

  private constructor(
    private readonly options: ReplayArguments,
    private readonly environment: ReplayEnvironment,
    private readonly progress: ProgressFile,
  ) {
    this.sender = new BatchSender({ commandsUrl: options.commandsUrl, ...this.patience() });
  }

  static async run(options: ReplayArguments, environment: ReplayEnvironment): Promise<void> {
    const replay = new Replay(options, environment, await ProgressFile.open(options.stateFile));
    try {
      await replay.sendReferences();
      await replay.sendFlights();
      await replay.settle();
    } finally {
      replay.summarize();
    }
  }

  private async sendReferences(): Promise<void> {
    const commands = await referenceCommands();
    for (let done = this.progress.current.references; done < commands.length && !this.isStopping();) {
      const batch = commands.slice(done, done + maxCommands);
      await this.sender.send(batch);
      done += batch.length;
      await this.progress.saveReferences(done);
      this.show('airlines, airports, aircraft', done / commands.length, '');
    }
    this.environment.display.stop();
  }

  private async sendFlights(): Promise<void> {
    const { months, speed } = this.options;
    const completed = new Set(this.progress.current.completedMonths);
    if (this.isStopping() || months.every((month) => completed.has(month))) return;
    const selection = selectionId(months);
    const pace = new Pace(speed, this.environment.stop);
    const skip = this.progress.acknowledgedOf(selection);
    const batches = batchesOf(await recordedCommands(months), {
      maxCommands,
      skip,
      completedMonths: completed,
      pace,
    });
    for await (const { commands, acknowledges } of oneAhead(batches)) {
      if (this.isStopping()) return;
      await this.sender.send(commands.map(({ line }) => line));
      await this.progress.saveSelection(selection, acknowledges);
      this.showFlights(commands.at(-1)?.atMs ?? 0);
    }
    if (!this.isStopping()) await this.progress.saveCompleted(months);
  }

  private async settle(): Promise<void> {
    if (this.isStopping()) return;
    const { commandsUrl, controlUrl } = this.options;
    const { display } = this.environment;
    display.stop();
    let said = '';
    await settle({
      ...{ commandsUrl, controlUrl },
      ...this.patience(),
      onRemaining: (remaining) => {
        const line = `waiting for the views: ${describe(remaining)}`;
        if (line !== said) display.say(line);
        said = line;
      },
    });
  }

  private showFlights(atMs: number): void {
    const { months } = this.options;
    const fromMs = Date.UTC(recordYear, (months[0] ?? 1) - 1, 1) - dayMs;
    const toMs = Date.UTC(recordYear, months.at(-1) ?? 12, 1) + dayMs / 2;
    const done = Math.min(Math.max((atMs - fromMs) / (toMs - fromMs), 0), 1);
    const local = new Date(atMs).toLocaleString('sv-SE', { timeZone: originZone }).slice(0, 16);
    this.show('flights', done, local);
  }

  private show(phase: string, done: number, simulated: string): void {
    const { accepted, unchanged, refused, invalid } = this.sender.tally;
    const commands = accepted + unchanged + refused + invalid;
    this.environment.display.show({
      phase,
      done,
      commands,
      commandsPerSecond: this.meter.mark(commands),
      simulated,
    });
  }

  private summarize(): void {
    const { display } = this.environment;
    const { accepted, unchanged, refused, invalid, repeated } = this.sender.tally;
    const seconds = (performance.now() - this.startedAtMs) / 1_000;
    const total = accepted + unchanged + refused + invalid;
    display.stop();
    for (const refusal of this.sender.refusals) display.say(refusal);
    display.say(
      `${total} commands in ${seconds.toFixed(1)} s: ${accepted} accepted, ${unchanged} unchanged, ${refused} refused, ` +
        `${invalid} invalid (${repeated} of them repeated)`,
    );
  }

  private isStopping(): boolean {
    return this.environment.stop.aborted;
  }

  private patience() {
    const { display, stop, token } = this.environment;
    const onAway = (reason: string): void => {
      display.say(`trying again: ${reason}`);
    };
    return { stop, patienceMs, onAway, ...(token && { token }) };
  }
}
