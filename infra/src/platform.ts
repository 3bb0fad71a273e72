import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineConnections } from './engines/engine.js';
import type { Engines } from './engines/local-engines.js';
import { provision } from './provision.js';
import { Supervisor, type SupervisedSpec, type SupervisorOptions } from './supervisor.js';
import {
  processesBeside,
  withBuilders,
  type ExtraBuilders,
  type ServiceProcess,
  type VersionBeside,
} from './topology.js';

export interface PlatformOptions extends Pick<SupervisorOptions, 'onProcess' | 'onRestart' | 'onIdle'> {
  /** Root of the repository. */
  readonly root: string;
  readonly stateDir: string;
  readonly portBase: number;
  readonly logLevel?: string;
  readonly extraBuilders?: ExtraBuilders;
  /** Names of the processes to be started. Default all. */
  readonly only?: readonly string[];
}

/** Topics, contracts and databases are made; the service processes of the whole platform are ready to be started. */
export function provisionServices(
  { connections }: Pick<Engines, 'connections'>,
  options: PlatformOptions,
): Promise<Supervisor> {
  const { extraBuilders = {}, only } = options;
  const processes = withBuilders(extraBuilders);
  return supervise(
    connections,
    options,
    only ? processes.filter(({ name }) => only.includes(name)) : processes,
  );
}

/**
 * The same for other versions of some views. To be started once the services are: whoever announces a view first decides which
 * version its first generation is of.
 * @throws StartFailure when a checkout has no such view.
 */
export function provisionBeside(
  { connections }: Pick<Engines, 'connections'>,
  options: PlatformOptions,
  beside: readonly VersionBeside[],
): Promise<Supervisor> {
  return supervise(connections, options, processesBeside(beside));
}

async function supervise(
  connections: EngineConnections,
  { root: ownRoot, stateDir, portBase, logLevel = 'info', ...listeners }: PlatformOptions,
  processes: readonly ServiceProcess[],
): Promise<Supervisor> {
  const databases = processes.flatMap(({ database }) => database ?? []);
  const urls = await provision(connections, databases, stateDir);
  const specs = processes.map(
    ({ name, entry, root = ownRoot, portOffset, database, environment, yields }) => ({
      name,
      yields: yields ?? false,
      entry: join(root, entry),
      port: portBase + portOffset,
      env: {
        REPRISE_HOST: '127.0.0.1',
        REPRISE_PORT: String(portBase + portOffset),
        REPRISE_LOG_LEVEL: logLevel,
        REPRISE_KAFKA_BROKERS: connections.kafkaBrokers.join(','),
        REPRISE_REGISTRY_URL: connections.registryUrl,
        ...environment(connections, database === undefined ? undefined : urls.get(database)),
      },
    }),
  );
  writeSettings(join(stateDir, 'settings'), specs);
  return new Supervisor({ ...listeners, logsDir: join(stateDir, 'logs'), specs });
}

/** For tools that are run by hand: passwords are in them, so they are their owner's alone. */
function writeSettings(folder: string, specs: readonly SupervisedSpec[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, env } of specs) {
    const lines = Object.entries(env).map(([variable, value]) => `${variable}="${value}"\n`);
    writeFileSync(join(folder, `${name}.env`), lines.join(''), { mode: 0o600 });
  }
}
