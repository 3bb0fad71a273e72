import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from '../failure.js';
import { ManagedProcess, type LaunchSpec } from '../managed-process.js';
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

export class Engine {
  private process: ManagedProcess | undefined;
  private stopped = false;

  constructor(
    private readonly spec: EngineSpec,
    private readonly logsDir: string,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  /** @throws StartFailure with the end of its log when it does not answer in time, or when it was stopped meanwhile. */
  async start(onLaunched: (identity: ProcessIdentity) => void): Promise<void> {
    this.stopped = false;
    const launch = await this.spec.prepare();
    if (this.wasStopped()) throw new StartFailure(`${this.name} was stopped while it was being prepared.`);
    const process = new ManagedProcess({ ...launch, name: this.name, logFile: join(this.logsDir, `${this.name}.log`) });
    this.process = process;
    process.launch(() => undefined);
    if (process.identity) onLaunched(process.identity);
    const ended = (): boolean => !process.running;
    const settled = await until(async () => ended() || (await this.spec.ready()), { limitMs: 120_000, everyMs: 150 });
    if (settled && !ended()) return;
    const state = process.running ? 'does not answer' : 'ended';
    await process.stop('SIGKILL', 0);
    throw new StartFailure(`${this.name} ${state}. The end of its log:\n${process.logTail()}`);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.process?.stop(this.spec.stopSignal, this.spec.graceMs);
  }

  private wasStopped(): boolean {
    return this.stopped;
  }

  kill(signal: NodeJS.Signals): void {
    this.process?.kill(signal);
  }
}

/** A folder of the engine's, which belongs to the user that it runs as. */
export function engineFolder(path: string, owner?: { readonly uid: number; readonly gid: number }, mode = 0o750): string {
  mkdirSync(path, { recursive: true });
  if (owner) chownSync(path, owner.uid, owner.gid);
  chmodSync(path, mode);
  return path;
}

/** True when something accepts connections there. */
export async function answersHttp(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.ok;
}
