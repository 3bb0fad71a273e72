import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stopLeftOver } from './managed-process.js';
import { isAlive, type ProcessIdentity } from './process-identity.js';

/** What a run says of itself in the state folder, so that other commands find it, also after a crash. */
export interface RunRecord {
  readonly supervisor: ProcessIdentity;
  readonly portBase: number;
  readonly engines: 'docker' | 'local';
  readonly status: 'starting' | 'ready' | 'failed';
  /** Finished steps, for whoever waits. */
  readonly steps: readonly string[];
  readonly failure?: string;
  readonly processes: Readonly<Record<string, ProcessIdentity>>;
}

export class RunFile {
  private readonly path: string;

  constructor(stateDir: string) {
    this.path = join(stateDir, 'run.json');
  }

  read(): RunRecord | undefined {
    if (!existsSync(this.path)) return undefined;
    // Written by the same version of this very program, by rename: never half.
    return JSON.parse(readFileSync(this.path, 'utf8')) as RunRecord;
  }

  write(record: RunRecord): void {
    mkdirSync(join(this.path, '..'), { recursive: true });
    writeFileSync(`${this.path}.new`, JSON.stringify(record, null, 2));
    renameSync(`${this.path}.new`, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  /** The run that is going on; undefined when there is none. */
  alive(): RunRecord | undefined {
    const record = this.read();
    return record && isAlive(record.supervisor) ? record : undefined;
  }

  /** Stops what a run left behind whose supervisor is gone: first the services, then the engines, Kafka last. */
  async cleanUp(): Promise<void> {
    const record = this.read();
    if (!record) return;
    const last = ['registry', 'elasticsearch', 'redis', 'postgres', 'kafka'];
    const services = Object.entries(record.processes).filter(([name]) => !last.includes(name));
    await Promise.all(services.map(([, identity]) => stopLeftOver(identity)));
    for (const name of last) {
      const identity = record.processes[name];
      // Postgres takes SIGTERM as "when the last client has gone".
      if (identity) await stopLeftOver(identity, { signal: name === 'postgres' ? 'SIGINT' : 'SIGTERM' });
    }
    this.remove();
  }
}
