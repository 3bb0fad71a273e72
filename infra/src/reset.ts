import { rmSync } from 'node:fs';
import { reasonOf } from './failure.js';
import { say } from './screen.js';
import { stateDirOf, stopRun } from './stop.js';

async function reset(): Promise<void> {
  const stateDir = stateDirOf(process.argv.slice(2));
  if ((await stopRun(stateDir)) === 'stopped') say('Stopped.');
  rmSync(stateDir, { recursive: true, force: true });
  say(`Deleted ${stateDir}.`);
}

reset().catch((failure: unknown) => {
  process.stderr.write(`${reasonOf(failure)}\n`);
  process.exitCode = 1;
});
