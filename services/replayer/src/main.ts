import { messageOf } from '@reprise/kernel';
import { readArguments } from './arguments.js';
import { tokenSource } from './config.js';
import { createDisplay } from './progress/display.js';
import { Replay } from './replay.js';
import { AwayError } from './sending/retry.js';

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    stopping.abort();
  });

try {
  const options = readArguments(process.argv.slice(2));
  const token = tokenSource(options.tokenFile);
  await Replay.run(options, { display: createDisplay(process.stdout), stop: stopping.signal, token });
} catch (failure) {
  // Told to stop while a service was away: that is a stop like any other.
  if (!(stopping.signal.aborted && failure instanceof AwayError)) fail(failure);
}
if (stopping.signal.aborted && process.exitCode === undefined) {
  process.stdout.write('stopped; the next run goes on from here\n');
}

function fail(failure: unknown): void {
  process.stderr.write(`replay failed: ${messageOf(failure)}\n`);
  process.exitCode = failure instanceof RangeError ? 64 : 1;
}
