import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { ContainerEngines } from '@reprise/testing';
import { EngineImages } from './containers/engine-images.js';
import { chooseEngines, type EngineKind } from './engines/engine-choice.js';
import { LocalEngines, type Engines } from './engines/local-engines.js';
import { reasonOf, StartFailure } from './failure.js';
import { PidFile } from './pid-file.js';
import { isFree, enginePorts } from './ports.js';
import { say } from './screen.js';
import { Secrets } from './secrets.js';

const root = join(import.meta.dirname, '../..');
const stateDir = join(root, '.reprise-test');
/** Name of the Compose project: that of this checkout. */
const project = `reprise-test-${createHash('sha256').update(stateDir).digest('hex').slice(0, 8)}`;
const firstPortBase = 17_400;
/** Tests may use the ports from here to the next base for servers of their own. */
const ownPorts = 40;

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

let engines: Engines | undefined;
let kind: EngineKind = 'local';
let running: ChildProcess | undefined;
let interrupted = false;

/** `npm test`: static checks, then every suite; integration and end-to-end suites on engines of their own. */
async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const isUnitOnly = args.includes('--unit');
  const paths = args.filter((arg) => !arg.startsWith('--'));
  const asked = askedEngines(args);
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 };
  const suites = suitesIn(paths);
  const unit = suites.filter((path) => !/\.(int|e2e)\.spec\.ts$/.test(path));
  const endToEnd = isUnitOnly ? [] : suites.filter((path) => path.endsWith('.e2e.spec.ts'));
  const integration = isUnitOnly ? [] : suites.filter((path) => path.endsWith('.int.spec.ts'));
  if (integration.length + endToEnd.length > 0) await settleEngines(asked);
  const release = await claimStateDir();
  if (paths.length === 0) await staticChecks(totals);
  if (integration.length === 0 && unit.length > 0) await jest(totals, ['--maxWorkers=2', ...unit], {});
  if (integration.length > 0) {
    await onEngines('integration', totals, (environment) =>
      jest(totals, ['--maxWorkers=2', ...unit, ...integration], environment),
    );
  }
  // Engines of its own for each: the whole platform's topics have fixed names, which the other suites use as well.
  for (const suite of endToEnd)
    await onEngines(basename(suite, '.e2e.spec.ts'), totals, (environment) =>
      jest(totals, ['--runInBand', suite], environment),
    );
  release();
  if (isInterrupted()) return;
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
    if (isInterrupted()) return;
    const ok = (await node(command, {})) === 0;
    say(`${ok ? 'PASS' : 'FAIL'} ${name}`);
    if (ok) totals.passed += 1;
    else totals.failed += 1;
  }
}

/** Takes the folder for this run and empties it; engines that a crashed run left in there are stopped first. */
async function claimStateDir(): Promise<() => void> {
  const owner = new PidFile(join(root, '.cache/tests.json'));
  if (!owner.take())
    throw new StartFailure(
      `Tests run already in this checkout (pid ${owner.alive()?.pid ?? 'unknown'}): wait for them.`,
    );
  const folders = existsSync(stateDir)
    ? readdirSync(stateDir).filter((name) => existsSync(join(stateDir, name, 'pids')))
    : [];
  for (const name of folders) await stopProcessesOf(join(stateDir, name, 'pids'));
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(stateDir, { recursive: true });
  return () => {
    owner.remove();
  };
}

async function stopProcessesOf(folder: string): Promise<void> {
  await Promise.all(
    readdirSync(folder).map((name) => new PidFile(join(folder, name)).stopLeftOver('SIGINT', 5_000)),
  );
}

/** Absolute paths of the suites whose path begins with, or contains, one of `paths`. */
function suitesIn(paths: readonly string[]): string[] {
  const program = join(root, 'node_modules/jest/bin/jest.js');
  const listed: unknown = JSON.parse(
    execFileSync(process.execPath, [program, '--listTests', '--json'], { cwd: root, encoding: 'utf8' }),
  );
  // Those of the Compose file need a Docker engine: npm run test:compose.
  const all = (Array.isArray(listed) ? listed.map(String) : []).filter(
    (path) => !path.endsWith('.compose.spec.ts'),
  );
  const found = all.filter(
    (path) =>
      paths.length === 0 || paths.some((part) => relative(root, path).includes(part.replace(/^\.\//, ''))),
  );
  if (found.length === 0) throw new StartFailure(`No test suite has ${paths.join(' or ')} in its path.`);
  return found;
}

async function onEngines(
  name: string,
  totals: Totals,
  work: (environment: Record<string, string>) => Promise<void>,
): Promise<void> {
  if (isInterrupted()) return;
  if (handedDown()) {
    await work({});
    return;
  }
  const portBase = await freePortBase();
  const folder = join(stateDir, name.replaceAll(' ', '-'));
  const where = kind === 'docker' ? 'in containers, by Testcontainers,' : 'as local processes';
  say(`Starting engines for ${name} ${where} from port ${portBase} on …`);
  try {
    engines = enginesAt(folder, portBase);
    await engines.start();
    say(`  running ${name} tests …`);
    await work(environmentOf(engines, { portBase: portBase + ownPorts, folder }));
  } catch (failure) {
    if (isInterrupted()) return;
    // Counts as one failed test: the other results are wanted all the same.
    say(`FAIL engines for ${name}: ${reasonOf(failure)}`);
    totals.failed += 1;
  } finally {
    await engines?.stop();
    engines = undefined;
  }
}

/** @throws StartFailure on an option that is not known. */
function askedEngines(args: readonly string[]): EngineKind | undefined {
  const asked = args.find((arg) => arg.startsWith('--engines='))?.slice('--engines='.length);
  const unknown = args.filter(
    (arg) => arg.startsWith('--') && arg !== '--unit' && !arg.startsWith('--engines='),
  );
  if (unknown.length > 0) throw new StartFailure(`npm test knows no ${unknown.join(', ')}.`);
  if (asked !== undefined && asked !== 'docker' && asked !== 'local')
    throw new StartFailure('--engines takes docker or local.');
  return asked;
}

async function settleEngines(asked: EngineKind | undefined): Promise<void> {
  if (handedDown()) return;
  const wanted = asked && { kind: asked, because: 'as asked for' };
  const choice = await chooseEngines(wanted, new EngineImages(root, say));
  kind = choice.kind;
  say(choice.said);
}

/** A suite that runs `npm test` itself has engines already; its variables are handed down. */
function handedDown(): boolean {
  return process.env['REPRISE_TEST_KAFKA_BROKERS'] !== undefined;
}

function enginesAt(folder: string, portBase: number): Engines {
  if (kind === 'local') return new LocalEngines({ stateDir: folder, portBase, log: say, onStep: showStep });
  const { kafka, registry, postgres, redis, elasticsearch } = enginePorts;
  return new ContainerEngines({
    root,
    project,
    password: new Secrets(folder).password('postgres'),
    ports: {
      kafka: portBase + kafka,
      registry: portBase + registry,
      postgres: portBase + postgres,
      redis: portBase + redis,
      elasticsearch: portBase + elasticsearch,
    },
  });
}

function showStep(engine: string, seconds: number): void {
  say(`  ${engine} answers (${seconds.toFixed(1)} s)`);
}

function environmentOf(
  { connections }: Engines,
  { portBase, folder }: { portBase: number; folder: string },
): Record<string, string> {
  return {
    REPRISE_TEST_KAFKA_BROKERS: connections.kafkaBrokers.join(','),
    REPRISE_TEST_REGISTRY_URL: connections.registryUrl,
    REPRISE_TEST_POSTGRES_URL: connections.postgresUrl,
    REPRISE_TEST_REDIS_URL: connections.redisUrl,
    REPRISE_TEST_ELASTICSEARCH_URL: connections.elasticsearchUrl,
    REPRISE_TEST_PORT_BASE: String(portBase),
    REPRISE_TEST_STATE_DIR: folder,
    ...(kind === 'docker' ? { REPRISE_TEST_COMPOSE_PROJECT: project } : {}),
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

async function jest(
  totals: Totals,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<void> {
  if (isInterrupted()) return;
  const output = join(stateDir, 'jest.json');
  rmSync(output, { force: true });
  const program = join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--runTestsByPath', '--json', `--outputFile=${output}`, '--testLocationInResults=false'];
  const code = await node(
    ['--experimental-vm-modules', '--no-warnings', program, ...flags, ...args],
    environment,
  );
  try {
    const result: unknown = JSON.parse(readFileSync(output, 'utf8'));
    const count = (name: string): number =>
      Number(Object.entries(result ?? {}).find(([key]) => key === name)?.[1] ?? 0);
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
  running = child;
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      running = undefined;
      resolve(code ?? 1);
    });
  });
}

/** A call, as the compiler does not see that a signal changes it in between. */
const isInterrupted = (): boolean => interrupted;

/** Ends what is going on; `main` then stops the engines and comes to its end. */
function onSignal(): void {
  if (interrupted) return;
  interrupted = true;
  running?.kill('SIGTERM');
  void engines?.stop();
}

process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
main()
  .then(() => {
    if (isInterrupted()) process.exitCode = 130;
  })
  .catch((failure: unknown) => {
    process.stderr.write(`${reasonOf(failure)}\n`);
    process.exitCode = 1;
  });
