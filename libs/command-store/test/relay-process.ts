import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { LogConnection } from '@reprise/log';

/** Runs what the package's build made of the relay: `npm test` builds first. */
const program = `
  import { OutboxRelay } from '@reprise/command-store';
  const { connectionString, log } = JSON.parse(process.env.RELAY);
  await new OutboxRelay({ connectionString, log, pollMs: 50 }).start();
`;

/** A relay in a process of its own, to be held or killed. */
export class RelayProcess {
  private readonly child: ChildProcess;

  constructor(options: { readonly connectionString: string; readonly log: LogConnection }) {
    this.child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      env: { RELAY: JSON.stringify(options) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** It does nothing until it goes on, and then does not know that time has passed. */
  hold(): void {
    this.child.kill('SIGSTOP');
  }

  goOn(): void {
    this.child.kill('SIGCONT');
  }

  /** Kills it, without a chance to finish anything. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}
