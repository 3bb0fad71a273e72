import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StartFailure } from './failure.js';
import { ManagedProcess } from './managed-process.js';
import type { ProcessIdentity } from './process-identity.js';
import { until } from './wait.js';

/** A process to be kept running. */
export interface SupervisedSpec {
  readonly name: string;
  /** Absolute path of the JavaScript file. */
  readonly entry: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Others get the processor first. */
  readonly yields?: boolean;
}

export interface SupervisorOptions {
  readonly specs: readonly SupervisedSpec[];
  readonly logsDir: string;
  readonly onProcess?: (name: string, identity: ProcessIdentity) => void;
  readonly onRestart?: (name: string) => void;
  /** It runs, and has nothing to serve until somebody acts: it is not waited for. */
  readonly onIdle?: (name: string, reason: string) => void;
  readonly readyLimitMs?: number;
}

interface Supervised {
  readonly spec: SupervisedSpec;
  readonly process: ManagedProcess;
  restarts: number;
  suspended: boolean;
  launchedAtMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** What `/health/ready` says of a process that is well and has nothing to serve. */
const idle = z.object({ status: z.literal('idle'), checks: z.record(z.string(), z.string()) });

const stopGraceMs = 5_000;
/** A process that ended this often before it was ever ready will not get ready. */
const hopelessRestarts = 4;

/**
 * Keeps the service processes running. Each is `launched` → `ready` (or idle); one that ends by itself is launched again, at once
 * the first time and then with growing pauses (to 5 s) while it keeps ending within half a minute; all are `stopped` at
 * the end, in the reverse order, and then nothing is launched any more.
 */
export class Supervisor {
  private readonly supervised: readonly Supervised[];
  private stopping = false;

  constructor(private readonly options: SupervisorOptions) {
    this.supervised = options.specs.map((spec) => ({
      spec,
      process: new ManagedProcess({
        name: spec.name,
        command: process.execPath,
        args: ['--enable-source-maps', spec.entry],
        env: spec.env,
        logFile: join(options.logsDir, `${spec.name}.log`),
        yields: spec.yields ?? false,
      }),
      restarts: 0,
      suspended: false,
      launchedAtMs: 0,
      timer: undefined,
    }));
  }

  /** @throws StartFailure naming the process that is not ready in time, with the end of its log; all are stopped then. */
  async start(): Promise<void> {
    const missing = this.supervised.find(({ spec }) => !existsSync(spec.entry));
    if (missing)
      throw new StartFailure(
        `${missing.spec.entry} is missing: the packages are not built. Run npm start again.`,
      );
    for (const one of this.supervised) this.launch(one);
    try {
      await Promise.all(this.supervised.map((one) => this.untilReady(one)));
    } catch (failure) {
      await this.stop();
      throw failure;
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    for (const { timer } of this.supervised) clearTimeout(timer);
    await Promise.all(
      this.supervised.toReversed().map(({ process }) => process.stop('SIGTERM', stopGraceMs)),
    );
  }

  /** Undefined while it does not run. */
  pidOf(name: string): number | undefined {
    const { process } = this.find(name);
    return process.running ? process.identity?.pid : undefined;
  }

  /** For tests: as a crash would. It is launched again. */
  kill(name: string, signal: NodeJS.Signals): void {
    this.find(name).process.kill(signal);
  }

  /** Stops it in order, for good: it stays down until `resumeRestart`. */
  async stopOne(name: string): Promise<void> {
    this.suspendRestart(name);
    await this.find(name).process.stop('SIGTERM', stopGraceMs);
  }

  /** From now on it stays down when it ends, until `resumeRestart`. */
  suspendRestart(name: string): void {
    const one = this.find(name);
    one.suspended = true;
    clearTimeout(one.timer);
  }

  /** Launches it if it is down, and keeps it running again. */
  resumeRestart(name: string): void {
    const one = this.find(name);
    one.suspended = false;
    if (!one.process.running && !this.stopping) this.launch(one);
  }

  restartsOf(name: string): number {
    return this.find(name).restarts;
  }

  private launch(one: Supervised): void {
    one.launchedAtMs = performance.now();
    one.process.launch(() => {
      this.onExit(one);
    });
    const { identity } = one.process;
    if (identity) this.options.onProcess?.(one.spec.name, identity);
  }

  private onExit(one: Supervised): void {
    if (this.stopping || one.suspended) return;
    if (performance.now() - one.launchedAtMs > 30_000) one.restarts = 0;
    const waitMs = one.restarts === 0 ? 0 : Math.min(5_000, 250 * 2 ** one.restarts);
    one.restarts += 1;
    this.options.onRestart?.(one.spec.name);
    one.timer = setTimeout(() => {
      this.launch(one);
    }, waitMs);
  }

  private async untilReady(one: Supervised): Promise<void> {
    const { spec, process } = one;
    const url = `http://127.0.0.1:${spec.port}/health/ready`;
    let said = 'it does not listen';
    const ready = await until(
      async () => {
        if (this.stopping || one.restarts >= hopelessRestarts) return true;
        const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
        said = await response.text();
        return response.ok || this.isIdle(spec.name, said);
      },
      { limitMs: this.options.readyLimitMs ?? 90_000, everyMs: 150 },
    );
    if (this.stopping) throw new StartFailure('Stopped while starting.');
    if (ready && one.restarts < hopelessRestarts) return;
    throw new StartFailure(`${spec.name} is not ready: ${said}\nThe end of its log:\n${process.logTail(8)}`);
  }

  private isIdle(name: string, said: string): boolean {
    const { success, data } = idle.safeParse(JSON.parse(said));
    if (!success) return false;
    const reasons = Object.values(data.checks).filter((check) => check !== 'ok');
    this.options.onIdle?.(name, reasons.join(' '));
    return true;
  }

  private find(name: string): Supervised {
    const found = this.supervised.find(({ spec }) => spec.name === name);
    if (!found) throw new RangeError(`no such process: ${name}`);
    return found;
  }
}
