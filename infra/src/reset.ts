import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DockerEngines } from './engines/docker-engines.js';
import { reasonOf, StartFailure } from './failure.js';
import { say } from './screen.js';
import { stateDirOf, stopRun } from './stop.js';

const root = join(import.meta.dirname, '../..');
const ownEntries = ['secrets.json', 'run.json', 'data', 'logs'];

async function reset(): Promise<void> {
  const stateDir = stateDirOf(process.argv.slice(2));
  if ((await stopRun(stateDir)) === 'stopped') say('Stopped.');
  if (!existsSync(stateDir)) {
    say(`There is no ${stateDir}.`);
    return;
  }
  // A slip in --state-dir must not cost a folder that is not ours.
  if (!ownEntries.some((name) => existsSync(join(stateDir, name)))) {
    throw new StartFailure(`${stateDir} is no state folder of this program: it is left alone.`);
  }
  const containers = new DockerEngines({ root, stateDir, portBase: 0 });
  if (containers.exist) await containers.delete();
  rmSync(stateDir, { recursive: true, force: true });
  say(`Deleted ${stateDir}.`);
}

reset().catch((failure: unknown) => {
  process.stderr.write(`${reasonOf(failure)}\n`);
  process.exitCode = 1;
});
