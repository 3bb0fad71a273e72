import { once } from 'node:events';
import { join } from 'node:path';
import { PidFile, StartFailure } from '@reprise/infra';
import { messageOf } from '@reprise/kernel';
import { BenchEngines } from './bench-engines.js';
import { commands } from './commands/commands.js';
import { flips } from './flips/flips.js';
import { readOptions, usage, UsageError, type BenchOptions } from './options.js';
import { rebuild } from './rebuild.js';
import { steady } from './steady.js';
import type { Session } from './session.js';
import { orders } from './topic/orders.js';
import { stores } from './views/stores.js';
import { TopicShelf } from './topic/topic-shelf.js';

const root = join(import.meta.dirname, '../..');

async function main(options: BenchOptions): Promise<void> {
  const { stateDir } = options;
  const owner = new PidFile(join(stateDir, 'bench.json'));
  if (!owner.take()) throw new StartFailure(`A bench runs already in ${stateDir}.`);
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      interruption.abort();
    });
  const stop = interruption.signal;
  const engines = new BenchEngines({ ...options, stores: stores.filter(options.isWanted), say });
  try {
    await engines.start();
    const shelf = new TopicShelf({ stateDir, connection: engines.log, admin: engines.admin, stop, say });
    const session = { root, options, engines, shelf, stop, say };
    switch (options.command) {
      case 'topics':
        await keepTopics(session);
        break;
      case 'rebuild':
        await rebuild(session);
        break;
      case 'steady':
        await steady(session);
        break;
      case 'commands':
        await commands(session);
        break;
    }
  } catch (failure) {
    if (!stop.aborted) throw failure;
    process.exitCode = 130;
  } finally {
    await engines.stop();
    owner.remove();
  }
}

/** For profiling: the engines run until a signal comes. */
async function keepTopics({ options, shelf, engines, stop }: Session): Promise<void> {
  for (const order of orders.filter(options.isWanted)) {
    const { contract, records, content } = await shelf.topic(order, options.years);
    say(`${contract.topic}: ${records} records, ${content.rows} flights, checksum ${content.checksum}`);
  }
  say(JSON.stringify(engines.connections, undefined, 2));
  say('The engines run until Ctrl-C.');
  // A listener does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000);
  if (!stop.aborted) await once(stop, 'abort');
  clearInterval(alive);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  if (process.argv.length === 2) say(usage);
  else if (process.argv[2] === 'flips') await flips(process.argv.slice(3));
  else await main(readOptions(process.argv.slice(2), root));
} catch (failure) {
  process.stderr.write(`${messageOf(failure)}\n${failure instanceof UsageError ? `${usage}\n` : ''}`);
  process.exitCode = failure instanceof UsageError ? 64 : 1;
}
