import { join } from 'node:path';
import type { Engines } from './engines/local-engines.js';
import type { ProcessIdentity } from './process-identity.js';
import { provision } from './provision.js';
import { Supervisor } from './supervisor.js';
import { withBuilders, type ExtraBuilders } from './topology.js';

export interface PlatformOptions {
  /** Root of the repository. */
  readonly root: string;
  readonly stateDir: string;
  readonly portBase: number;
  readonly logLevel?: string;
  readonly extraBuilders?: ExtraBuilders;
  readonly onProcess?: (name: string, identity: ProcessIdentity) => void;
  readonly onRestart?: (name: string) => void;
}

/** Topics, contracts and databases are made; the service processes of the whole platform are ready to be started. */
export async function provisionServices(
  { connections }: Pick<Engines, 'connections'>,
  options: PlatformOptions,
): Promise<Supervisor> {
  const { root, stateDir, portBase, logLevel = 'info', extraBuilders = {}, onProcess, onRestart } = options;
  const processes = withBuilders(extraBuilders);
  const databases = processes.flatMap(({ database }) => database ?? []);
  const urls = await provision(connections, databases, stateDir);
  return new Supervisor({
    logsDir: join(stateDir, 'logs'),
    specs: processes.map(({ name, entry, portOffset, database, environment }) => ({
      name,
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
    })),
    ...(onProcess ? { onProcess } : {}),
    ...(onRestart ? { onRestart } : {}),
  });
}
