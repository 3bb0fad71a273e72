import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isFree, LocalEngines, PidFile, StartFailure, type EngineConnections } from '@reprise/infra';
import { messageOf } from '@reprise/kernel';
import { ChaosRun } from './chaos-run.js';
import { addressOf, Network } from './network.js';
import { readOptions, usage, type ChaosOptions } from './options.js';
import { Report } from './report.js';

const root = join(import.meta.dirname, '../..');
const stateDir = join(root, '.reprise-chaos');
/** Ports of services, engines and further builders, counted from the base. */
const portsNeeded = 40;
/** Segments are closed and compacted within seconds, while the builders read them. */
const compacting = {
  'log.segment.bytes': '1048576',
  'log.roll.ms': '10000',
  'log.cleaner.backoff.ms': '2000',
};

async function main(options: ChaosOptions): Promise<void> {
  const owner = new PidFile(join(root, '.cache/chaos.json'));
  if (!owner.take())
    throw new StartFailure(`A chaos run is under way already (pid ${owner.alive()?.pid ?? '?'}).`);
  await clearState();
  const report = new Report(join(stateDir, 'chaos.log'));
  const portBase = await freePortBase(options.portBase);
  const kafkaLink = portBase + portsNeeded - 1;
  const engines = enginesOf({ portBase, kafkaLink, report });
  const { connections } = engines;
  const network = await linksTo(connections, kafkaLink);
  const run = new ChaosRun({
    ...options,
    portBase,
    connections,
    network,
    engines,
    root,
    stateDir,
    report,
    say,
  });
  const stop = async (): Promise<void> => {
    await run.stop();
    await engines.stop();
    await network.stop();
  };
  const interruption = new AbortController();
  const onSignal = (): void => {
    if (interruption.signal.aborted) return;
    interruption.abort();
    say('Stopping everything …');
    void stop();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  say(`Seed ${options.seed}. What is done to whom: ${join(stateDir, 'chaos.log')}`);
  try {
    say('Starting engines …');
    await engines.start();
    await run.run();
  } catch (failure) {
    if (!interruption.signal.aborted) report.finding(`the run itself failed: ${messageOf(failure)}`);
  } finally {
    await stop();
    owner.remove();
  }
  if (interruption.signal.aborted) process.exitCode = 130;
  else conclude(report, options);
}

function conclude(report: Report, { seed, keep }: ChaosOptions): void {
  say(report.summary());
  for (const finding of report.findings) say(`FINDING ${finding}`);
  if (report.findings.length === 0) {
    say('Clean: nothing is missing, nothing is extra, nothing differs.');
    if (!keep) rmSync(stateDir, { recursive: true, force: true });
    return;
  }
  say(`${report.findings.length} findings with seed ${seed}. Logs and data are left in ${stateDir}.`);
  process.exitCode = 1;
}

function linksTo(connections: EngineConnections, kafkaLink: number): Promise<Network> {
  const { kafkaBrokers, postgresUrl, redisUrl, elasticsearchUrl } = connections;
  return Network.open(
    {
      kafka: addressOf(kafkaBrokers[0] ?? ''),
      postgres: addressOf(postgresUrl),
      redis: addressOf(redisUrl),
      elasticsearch: addressOf(elasticsearchUrl),
    },
    { kafka: kafkaLink },
  );
}

/** The broker tells its clients to come through the link, so that this can be cut too. */
function enginesOf({
  portBase,
  kafkaLink,
  report,
}: {
  readonly portBase: number;
  readonly kafkaLink: number;
  readonly report: Report;
}): LocalEngines {
  return new LocalEngines({
    stateDir,
    portBase,
    cacheDir: join(root, '.cache/engines'),
    kafkaSettings: { ...compacting, 'advertised.listeners': `PLAINTEXT://127.0.0.1:${kafkaLink}` },
    onStep: (name, seconds) => {
      report.note(`${name} answers (${seconds.toFixed(1)} s)`);
    },
    log: say,
  });
}

/** Processes of a run that crashed are stopped first. */
async function clearState(): Promise<void> {
  const pids = join(stateDir, 'pids');
  if (existsSync(pids))
    await Promise.all(
      readdirSync(pids).map((name) => new PidFile(join(pids, name)).stopLeftOver('SIGINT', 5_000)),
    );
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(stateDir, { recursive: true });
}

async function freePortBase(first: number): Promise<number> {
  for (let base = first; base < first + 2_000; base += 100) {
    const free = await Promise.all(Array.from({ length: portsNeeded }, (_, offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new StartFailure(`No free ports were found from ${first} on.`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main(readOptions(process.argv.slice(2)));
} catch (failure) {
  process.stderr.write(`${messageOf(failure)}\n${usage}\n`);
  process.exitCode = 2;
}
