import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartFailure } from './failure.js';
import { stopLeftOver } from './managed-process.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';
import { until } from './wait.js';

/** Names one process, by its id and its start, for those who come later. */
export class PidFile {
  constructor(private readonly path: string) {}

  write(identity: ProcessIdentity): void {
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, JSON.stringify(identity));
  }

  /** The named process, if it is still that one. Undefined when it is gone, or when its id was given to another. */
  alive(): ProcessIdentity | undefined {
    const identity = this.read();
    return identity && isAlive(identity) ? identity : undefined;
  }

  /** Writes it unless it is there already. */
  private claim(identity: ProcessIdentity): boolean {
    mkdirSync(dirname(this.path), { recursive: true });
    // A link appears at once with all its content, which writing a file does not.
    const draft = `${this.path}.${identity.pid}`;
    writeFileSync(draft, JSON.stringify(identity));
    try {
      linkSync(draft, this.path);
      return true;
    } catch {
      return false;
    } finally {
      rmSync(draft);
    }
  }

  /** Takes it for this process; one that a dead process left is taken over. False while another process has it. */
  take(): boolean {
    const self = identify(process.pid);
    if (!self) return true;
    if (this.claim(self)) return true;
    if (this.alive()) return false;
    this.remove();
    return this.claim(self);
  }

  /** True when there was one to stop. */
  async stopLeftOver(signal: NodeJS.Signals, graceMs: number): Promise<boolean> {
    const identity = this.alive();
    if (identity) await stopLeftOver(identity, { signal, graceMs });
    this.remove();
    return identity !== undefined;
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }

  private read(): ProcessIdentity | undefined {
    if (!existsSync(this.path)) return undefined;
    try {
      const { pid, startedAt } = JSON.parse(readFileSync(this.path, 'utf8')) as Partial<ProcessIdentity>;
      return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
    } catch {
      // Cut off while it was written: it names nobody.
      return undefined;
    }
  }
}

/** Waits until no other process holds the lock. @throws StartFailure when that takes longer than a slow download. */
export async function takeLock(path: string): Promise<() => void> {
  const file = new PidFile(path);
  const taken = await until(() => file.take(), { limitMs: 1_200_000, everyMs: 200 });
  if (!taken)
    throw new StartFailure(
      `Another process holds ${path}: stop it (pid ${file.alive()?.pid ?? 'unknown'}) and try again.`,
    );
  return () => {
    file.remove();
  };
}
