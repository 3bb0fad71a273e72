import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LocalEngines } from './engines/local-engines.js';
import { reasonOf, StartFailure } from './failure.js';
import { isFree, enginePorts } from './ports.js';
import { say } from './screen.js';

const root = join(import.meta.dirname, '../..');
const stateDir = join(root, '.reprise-test');
const firstPortBase = 17_400;
/** Tests may use the ports from here to the next base for servers of their own. */
const ownPorts = 40;

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

let engines: LocalEngines | undefined;
let interrupted = false;

/** `npm test`: static checks, then every suite; integration and end-to-end suites on engines of their own. */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const isUnitOnly = args.includes('--unit');
  const paths = args.filter((arg) => arg !== '--unit');
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(stateDir, { recursive: true });
  if (paths.length === 0) await staticChecks(totals);
  const selection = paths.length === 0 ? [] : ['--passWithNoTests', ...paths];
  if (isUnitOnly) await jest(totals, ['--testPathIgnorePatterns', String.raw`\.(int|e2e)\.spec\.ts$`, '/dist/', ...selection], {});
  else {
    await onEngines('integration', (environment) =>
      jest(totals, ['--testPathIgnorePatterns', String.raw`\.e2e\.spec\.ts$`, '/dist/', '--maxWorkers=2', ...selection], environment),
    );
    // Engines of their own: the whole platform's topics have fixed names, which other suites use as well.
    await onEngines('end to end', (environment) =>
      jest(totals, ['--testMatch', '**/*.e2e.spec.ts', '--runInBand', ...selection], environment),
    );
  }
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
  say(`${totals.passed} passed, ${totals.failed} failed${skipped}`);
  process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
}

async function staticChecks(totals: Totals): Promise<void> {
  const checks = {
    'generated types are current': [join(root, 'libs/contracts/generate.mjs'), '--check'],
    format: [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'],
    lint: [join(root, 'node_modules/eslint/bin/eslint.js'), '.'],
    types: [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'],
  };
  for (const [name, command] of Object.entries(checks)) {
    const ok = (await node(command, {})) === 0;
    say(`${ok ? 'PASS' : 'FAIL'} ${name}`);
    if (ok) totals.passed += 1;
    else totals.failed += 1;
  }
}

async function onEngines(name: string, work: (environment: Record<string, string>) => Promise<void>): Promise<void> {
  if (interrupted) return;
  const portBase = await freePortBase();
  const folder = join(stateDir, name.replaceAll(' ', '-'));
  say(`Starting engines for ${name} from port ${portBase} on …`);
  engines = new LocalEngines({
    stateDir: folder,
    cacheDir: join(root, '.cache/engines'),
    portBase,
    onStep: (engine, seconds) => {
      say(`  ${engine} answers (${seconds.toFixed(1)} s)`);
    },
  });
  try {
    await engines.start();
    await work(environmentOf(engines, { portBase: portBase + ownPorts, folder }));
  } finally {
    await engines.stop();
    engines = undefined;
  }
}

function environmentOf({ connections }: LocalEngines, { portBase, folder }: { portBase: number; folder: string }): Record<string, string> {
  return {
    REPRISE_TEST_KAFKA_BROKERS: connections.kafkaBrokers.join(','),
    REPRISE_TEST_REGISTRY_URL: connections.registryUrl,
    REPRISE_TEST_POSTGRES_URL: connections.postgresUrl,
    REPRISE_TEST_REDIS_URL: connections.redisUrl,
    REPRISE_TEST_ELASTICSEARCH_URL: connections.elasticsearchUrl,
    REPRISE_TEST_PORT_BASE: String(portBase),
    REPRISE_TEST_STATE_DIR: folder,
  };
}

/** A base whose engine ports are free, so that two checkouts can be tested at once. */
async function freePortBase(): Promise<number> {
  for (let base = firstPortBase; base < firstPortBase + 2_000; base += 100) {
    const free = await Promise.all(Object.values(enginePorts).map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new StartFailure(`No free ports were found from ${firstPortBase} on.`);
}

async function jest(totals: Totals, args: readonly string[], environment: Record<string, string>): Promise<void> {
  if (interrupted) return;
  const output = join(stateDir, 'jest.json');
  rmSync(output, { force: true });
  const program = join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--json', `--outputFile=${output}`, '--testLocationInResults=false'];
  const code = await node(['--experimental-vm-modules', '--no-warnings', program, ...flags, ...args], environment);
  try {
    const result: unknown = JSON.parse(readFileSync(output, 'utf8'));
    const count = (name: string): number => Number(Object.entries(result ?? {}).find(([key]) => key === name)?.[1] ?? 0);
    totals.passed += count('numPassedTests');
    // A suite that could not even be loaded has no failed tests of its own.
    totals.failed += count('numFailedTests') + count('numRuntimeErrorTestSuites');
    totals.skipped += count('numPendingTests') + count('numTodoTests');
  } catch {
    if (code !== 0) totals.failed += 1;
  }
}

/** Runs a program of the repository's with the pinned Node; its exit code. What Jest writes as JSON stays out of sight. */
function node(args: readonly string[], environment: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, [...args], {
    cwd: root,
    stdio: ['ignore', args.includes('--json') ? 'ignore' : 'inherit', 'inherit'],
    env: { ...process.env, FORCE_COLOR: '0', ...environment },
  });
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

function onSignal(): void {
  interrupted = true;
  void engines?.stop().finally(() => {
    process.exit(130);
  });
}

process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
main().catch((failure: unknown) => {
  process.stderr.write(`${failure instanceof StartFailure ? failure.message : reasonOf(failure)}\n`);
  process.exitCode = 1;
});
