#!/usr/bin/env node
// Runs under whatever Node (18 or newer) is at hand, and hands over to the Node that this repository pins.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const main = join(cli, 'dist/main.js');
const pinned = join(cli, '../../node_modules/node/bin/node');

if (!existsSync(main)) {
  console.error('reprise is not built yet: run `npm start`, or `npm run build`, first.');
  process.exit(1);
}
const node = existsSync(pinned) ? pinned : process.execPath;
const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (failure) => {
  console.error(`reprise could not be started: ${failure.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // Ends the way the child ended, so that the shell sees the same.
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
