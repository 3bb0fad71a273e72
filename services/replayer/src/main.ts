import { messageOf } from '@reprise/kernel';
import { readArguments } from './arguments.js';
import { createDisplay } from './progress/display.js';
import { Replay } from './replay.js';

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    stopping.abort();
  });

try {
  const options = readArguments(process.argv.slice(2));
  await Replay.run(options, { display: createDisplay(process.stdout), stop: stopping.signal });
  if (stopping.signal.aborted) process.stdout.write('stopped; the next run goes on from here\n');
} catch (failure) {
  process.stderr.write(`replay failed: ${messageOf(failure)}\n`);
  process.exitCode = failure instanceof RangeError ? 64 : 1;
}
