import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DockerEngines } from './engines/docker-engines.js';
import { reasonOf } from './failure.js';
import { PidFile } from './pid-file.js';
import { isAlive } from './process-identity.js';
import { RunFile } from './run-record.js';
import { say } from './screen.js';
import { until } from './wait.js';

const root = join(import.meta.dirname, '../..');

/** Stops the run of a state folder, and whatever a crashed one left behind. */
export async function stopRun(stateDir: string): Promise<'stopped' | 'not running'> {
  const file = new RunFile(stateDir);
  const record = file.read();
  if (!record) return 'not running';
  await stopReplay(stateDir);
  if (isAlive(record.supervisor)) {
    process.kill(record.supervisor.pid, 'SIGTERM');
    await until(() => !isAlive(record.supervisor), { limitMs: 40_000 });
  }
  await file.cleanUp();
  // Containers outlive a supervisor that crashed; those that are stopped already stay so.
  if (record.engines === 'docker')
    await new DockerEngines({ root, stateDir, portBase: record.portBase }).stop();
  return 'stopped';
}

/** A replay from another terminal would go on asking services that are gone. */
async function stopReplay(stateDir: string): Promise<void> {
  const replaying = new PidFile(join(stateDir, 'pids/replay.json')).alive();
  if (!replaying || replaying.pid === process.pid) return;
  process.kill(replaying.pid, 'SIGTERM');
  await until(() => !isAlive(replaying), { limitMs: 15_000 });
}

export function stateDirOf(args: readonly string[]): string {
  const { values } = parseArgs({ args: [...args], options: { 'state-dir': { type: 'string' } } });
  return resolve(root, values['state-dir'] ?? '.reprise');
}

if (process.argv[1] === import.meta.filename) {
  stopRun(stateDirOf(process.argv.slice(2))).then(
    (outcome) => {
      say(outcome === 'stopped' ? 'Stopped.' : 'Nothing runs.');
    },
    (failure: unknown) => {
      process.stderr.write(`${reasonOf(failure)}\n`);
      process.exitCode = 1;
    },
  );
}
