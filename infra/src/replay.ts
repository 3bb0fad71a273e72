import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { StartFailure } from './failure.js';
import type { StartOptions } from './options.js';
import { PidFile } from './pid-file.js';
import { servicePorts } from './topology.js';

/** Runs the replayer on our terminal until all is replayed and served. Returns its exit code. */
export function replay(
  root: string,
  { selection, speed, stateDir }: StartOptions,
  { portBase, signal }: { portBase: number; signal: AbortSignal },
): Promise<number> {
  const url = (offset: number): string => `http://127.0.0.1:${portBase + offset}`;
  const args = [
    join(root, 'services/replayer/dist/main.js'),
    `--commands=${url(servicePorts.flightCommands)}`,
    `--control=${url(servicePorts.controlPlane)}`,
    `--state=${join(stateDir, 'replay.json')}`,
    selection === 'all' ? '--all' : `--month=${selection.month}`,
    ...(speed === undefined ? [] : [`--speed=${speed}`]),
  ];
  const one = new PidFile(join(stateDir, 'pids/replay.json'));
  if (!one.take())
    throw new StartFailure(
      `It is being replayed already, by process ${one.alive()?.pid ?? 'unknown'}: wait for that.`,
    );
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  if (signal.aborted) child.kill('SIGTERM');
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      signal.removeEventListener('abort', stop);
      one.remove();
      resolve(code ?? 1);
    });
  });
}
