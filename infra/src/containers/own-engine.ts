import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../engines/engine.js';
import { StartFailure } from '../failure.js';
import { Docker } from './docker.js';

/** A Docker engine of a run's own: its socket, images and containers are in one folder, and it ends with the run. */
export class OwnEngine {
  readonly docker: Docker;
  private readonly engine: Engine;

  /** @param folder Not too deep: the path of a socket has 107 characters at most. */
  constructor(folder: string) {
    const socket = `unix://${join(folder, 'docker.sock')}`;
    this.docker = new Docker(socket);
    const args = [
      `--data-root=${join(folder, 'data')}`,
      `--exec-root=${join(folder, 'exec')}`,
      `--pidfile=${join(folder, 'dockerd.pid')}`,
      `--host=${socket}`,
    ];
    const spec = {
      name: 'dockerd',
      stopSignal: 'SIGTERM' as const,
      // It stops its containers first.
      graceMs: 60_000,
      prepare: () => {
        mkdirSync(folder, { recursive: true });
        return Promise.resolve({ command: 'dockerd', args });
      },
      ready: async () => (await this.docker.versions()).engine !== '',
    };
    this.engine = new Engine(spec, folder);
  }

  /** @throws StartFailure saying what this machine lacks. */
  async start(): Promise<void> {
    if (process.getuid?.() !== 0) throw new StartFailure('An engine of its own is started by root only.');
    for (const program of ['dockerd', 'containerd', 'iptables'])
      if (spawnSync(program, ['--version']).error)
        throw new StartFailure(`There is no ${program} on the PATH: install Docker’s engine.`);
    await this.engine.stopLeftOver();
    await this.engine.start(() => undefined);
  }

  stop(): Promise<void> {
    return this.engine.stop();
  }
}
