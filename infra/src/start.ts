import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, StartFailure } from './failure.js';
import { parseOptions, type StartOptions } from './options.js';
import { identify, isAlive } from './process-identity.js';
import { firstScreen, say } from './screen.js';
import { replay } from './replay.js';
import { RunFile } from './run-record.js';
import { Run } from './run.js';
import { stopRun } from './stop.js';
import { until } from './wait.js';

const root = join(import.meta.dirname, '../..');

/** `npm start`, once everything is installed and built. */
async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), root);
  const alive = new RunFile(options.stateDir).alive();
  if (options.supervise) await superviseInBackground(options);
  else if (alive?.status === 'ready') await joinRun(options, alive.portBase);
  else if (alive) throw new StartFailure(`It is being started already by process ${alive.supervisor.pid}.`);
  else if (options.detach) await detach(options);
  else await stay(options);
}

/** Foreground: owns everything until Ctrl-C. */
async function stay(options: StartOptions): Promise<void> {
  const run = new Run(root, options, say);
  const stopReplay = new AbortController();
  const ended = stopOnSignal(run, stopReplay);
  try {
    await run.start();
  } catch (failure) {
    if (!stopReplay.signal.aborted) {
      new RunFile(options.stateDir).remove();
      throw failure;
    }
    await ended;
    return;
  }
  if (options.replay) {
    const code = await replay(root, options, { portBase: options.portBase, signal: stopReplay.signal });
    if (code !== 0 && !stopReplay.signal.aborted)
      say(`The replay ended with code ${code}; everything else goes on.`);
  }
  if (!stopReplay.signal.aborted) {
    say(firstScreen(options.portBase));
    say('Ctrl-C stops everything.');
  }
  await ended;
}

/** The process that stays in the background; it says how far it is in the run record. */
async function superviseInBackground(options: StartOptions): Promise<void> {
  const run = new Run(root, options, say);
  const ended = stopOnSignal(run, new AbortController());
  await run.start();
  await ended;
}

async function detach(options: StartOptions): Promise<void> {
  mkdirSync(join(options.stateDir, 'logs'), { recursive: true });
  const log = openSync(join(options.stateDir, 'logs/supervisor.log'), 'a');
  const child = spawn(process.execPath, [import.meta.filename, ...process.argv.slice(2), '--supervise'], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  const self = child.pid === undefined ? undefined : identify(child.pid);
  if (!self) throw new StartFailure('The background process could not be started.');
  const interrupted = new AbortController();
  const interrupt = (): void => {
    if (interrupted.signal.aborted) return;
    interrupted.abort();
    process.kill(self.pid, 'SIGTERM');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await followStart(options, self);
  } catch (failure) {
    new RunFile(options.stateDir).remove();
    if (!interrupted.signal.aborted) throw failure;
    process.exitCode = 130;
    return;
  }
  child.unref();
  const code = options.replay
    ? await replay(root, options, { portBase: options.portBase, signal: interrupted.signal })
    : 0;
  const isInterrupted = interrupted.signal.aborted;
  if (isInterrupted || code !== 0) await stopRun(options.stateDir);
  if (isInterrupted) say('Stopped.');
  else if (code === 0) say(`${firstScreen(options.portBase)}\nIt runs in the background: npm stop stops it.`);
  else say(`The replay ended with code ${code}. Everything is stopped; npm start goes on where it ended.`);
  process.exitCode = isInterrupted ? 130 : code;
}

/** Prints each step of the background process until it is ready. */
async function followStart(options: StartOptions, self: { pid: number; startedAt: string }): Promise<void> {
  const file = new RunFile(options.stateDir);
  let shown = 0;
  let failure: string | undefined;
  const ready = await until(
    () => {
      const record = file.read();
      if (record?.supervisor.pid !== self.pid) {
        if (isAlive(self)) return false;
        failure = 'The background process ended.';
        return true;
      }
      for (const step of record.steps.slice(shown)) say(step);
      shown = record.steps.length;
      if (record.status === 'failed' || !isAlive(self))
        failure = record.failure ?? 'The background process ended.';
      return record.status === 'ready' || failure !== undefined;
    },
    { limitMs: 600_000, everyMs: 100 },
  );
  if (failure !== undefined) throw new StartFailure(failure);
  if (!ready) throw new StartFailure('It was not ready within ten minutes.');
}

/** It runs already: nothing is started, and only with --detach is replayed what is missing. */
async function joinRun(options: StartOptions, portBase: number): Promise<void> {
  if (options.beside.length > 0)
    throw new StartFailure('It runs already: npm stop, then start it again with --beside.');
  say(`It runs already, from port ${portBase} on: ${options.stateDir}; npm stop stops it.`);
  if (!options.detach) {
    say('To replay more, add --detach.');
    return;
  }
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const code = options.replay ? await replay(root, options, { portBase, signal: stop.signal }) : 0;
  if (code === 0) say(firstScreen(portBase));
  process.exitCode = code;
}

function stopOnSignal(run: Run, replaying: AbortController): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      if (replaying.signal.aborted) return;
      say('Stopping …');
      replaying.abort();
      run.stop().then(() => {
        say('Stopped.');
        resolve();
      }, reject);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop).on('SIGHUP', stop);
  });
}

main().then(
  () => process.exit(),
  (failure: unknown) => {
    const text =
      failure instanceof StartFailure
        ? failure.message
        : failure instanceof Error
          ? (failure.stack ?? failure.message)
          : reasonOf(failure);
    process.stderr.write(`\n${text}\n`);
    process.exit(1);
  },
);
