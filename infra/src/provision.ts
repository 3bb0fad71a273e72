import { catalogue } from '@reprise/contracts';
import { provisionStreams, type LogConnection } from '@reprise/log';
import pg from 'pg';
import type { EngineConnections } from './engines/engine.js';
import { Secrets } from './secrets.js';

/** How the log is reached where that takes more than addresses. */
interface ProvisionedLog {
  readonly log: Omit<LogConnection, 'clientId'>;
}

/**
 * Creates the topics, registers the contracts, and makes a database with a role of its own for each of these names.
 * Returns the databases' addresses by name. Does nothing for what is there.
 */
export async function provision(
  connections: EngineConnections & Partial<ProvisionedLog>,
  databases: readonly string[],
  stateDir: string,
): Promise<ReadonlyMap<string, string>> {
  const secrets = new Secrets(stateDir);
  return provisionWith(connections, databases, (name) => secrets.password(`postgres/${name}`));
}

/** As {@link provision}, with passwords from elsewhere. */
export async function provisionWith(
  connections: Pick<EngineConnections, 'kafkaBrokers' | 'registryUrl' | 'postgresUrl'> &
    Partial<ProvisionedLog>,
  databases: readonly string[],
  passwordOf: (name: string) => string,
): Promise<ReadonlyMap<string, string>> {
  const { kafkaBrokers: brokers, registryUrl, log = { brokers, registryUrl } } = connections;
  await provisionStreams(catalogue, log);
  const client = new pg.Client({ connectionString: connections.postgresUrl });
  await client.connect();
  const urls = new Map<string, string>();
  try {
    for (const name of new Set(databases)) {
      const password = passwordOf(name);
      await ensureRole(client, name, password);
      await ensureDatabase(client, name);
      const url = new URL(connections.postgresUrl);
      [url.username, url.password, url.pathname] = [name, password, `/${name}`];
      urls.set(name, url.href);
    }
  } finally {
    await client.end();
  }
  return urls;
}

async function ensureRole(client: pg.Client, name: string, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(
    `${verb} ROLE ${client.escapeIdentifier(name)} LOGIN PASSWORD ${client.escapeLiteral(password)}`,
  );
}

async function ensureDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
  if (rowCount !== 0) return;
  const quoted = client.escapeIdentifier(name);
  await client.query(`CREATE DATABASE ${quoted} OWNER ${quoted}`);
}
