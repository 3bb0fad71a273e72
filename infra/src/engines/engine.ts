import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from '../failure.js';
import { ManagedProcess, type LaunchSpec } from '../managed-process.js';
import { PidFile } from '../pid-file.js';
import type { ProcessIdentity } from '../process-identity.js';
import { until } from '../wait.js';

/** Where the engines are, once they run. */
export interface EngineConnections {
  readonly kafkaBrokers: readonly string[];
  readonly registryUrl: string;
  /** Superuser, database `postgres`. */
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly elasticsearchUrl: string;
}

/** How one engine is run on this machine. */
export interface EngineSpec {
  readonly name: string;
  /** Fetches, formats, writes settings; what is there is kept. */
  prepare(): Promise<Omit<LaunchSpec, 'name' | 'logFile'>>;
  ready(): Promise<boolean>;
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
}

const launches = 3;
const readyLimitMs = 120_000;

/** One engine's process; it is noted in a pid file, so that a later run stops what a crashed one left behind. */
export class Engine {
  private process: ManagedProcess | undefined;
  private stopped = false;
  private readonly pidFile: PidFile;

  constructor(
    private readonly spec: EngineSpec,
    private readonly stateDir: string,
  ) {
    this.pidFile = new PidFile(join(stateDir, 'pids', `${spec.name}.json`));
  }

  get name(): string {
    return this.spec.name;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.process?.running === true ? this.process.identity?.pid : undefined;
  }

  /** Ends the process that a crashed run left, if it still runs. True when there was one. */
  stopLeftOver(): Promise<boolean> {
    return this.pidFile.stopLeftOver(this.spec.stopSignal, this.spec.graceMs);
  }

  /** @throws StartFailure with the end of its log when it does not answer in time, or when it was stopped meanwhile. */
  async start(onLaunched: (identity: ProcessIdentity) => void): Promise<void> {
    this.stopped = false;
    const launch = await this.spec.prepare();
    if (this.wasStopped()) throw new StartFailure(`${this.name} was stopped while it was being prepared.`);
    const logFile = join(this.stateDir, 'logs', `${this.name}.log`);
    const process = new ManagedProcess({ ...launch, name: this.name, logFile });
    this.process = process;
    // One that was killed may leave children that hold its data for a moment: it is launched again then.
    for (let launched = 1; launched <= launches; launched += 1) {
      if (await this.launch(process, onLaunched)) return;
      if (process.running || this.wasStopped()) break;
    }
    const state = process.running ? 'does not answer' : 'ended';
    await process.stop('SIGKILL', 0);
    throw new StartFailure(`${this.name} ${state}. The end of its log:\n${process.logTail()}`);
  }

  /** True when it answers; false when it ended before, or did not answer in time. */
  private async launch(
    process: ManagedProcess,
    onLaunched: (identity: ProcessIdentity) => void,
  ): Promise<boolean> {
    process.launch(() => undefined);
    if (process.identity) {
      this.pidFile.write(process.identity);
      onLaunched(process.identity);
    }
    const ended = (): boolean => !process.running;
    const settled = await until(async () => ended() || (await this.spec.ready()), {
      limitMs: readyLimitMs,
      everyMs: 150,
    });
    return settled && !ended();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.process?.stop(this.spec.stopSignal, this.spec.graceMs);
    if (this.process) this.pidFile.remove();
  }

  private wasStopped(): boolean {
    return this.stopped;
  }

  kill(signal: NodeJS.Signals): void {
    this.process?.kill(signal);
  }
}

/** A folder of the engine's, which belongs to the user that it runs as. */
export function engineFolder(
  path: string,
  owner?: { readonly uid: number; readonly gid: number },
  mode = 0o750,
): string {
  mkdirSync(path, { recursive: true });
  if (owner) chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
  return path;
}

/** True when it answers with success. */
export async function answersHttp(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.ok;
}
