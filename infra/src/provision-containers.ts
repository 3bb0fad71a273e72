import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provision } from './provision.js';
import { topology } from './topology.js';

/** The step of the Compose file that makes topics, contracts and databases before any service starts. */
function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

const connections = {
  kafkaBrokers: setting('REPRISE_KAFKA_BROKERS').split(','),
  registryUrl: setting('REPRISE_REGISTRY_URL'),
  postgresUrl: setting('REPRISE_POSTGRES_URL'),
  redisUrl: '',
  elasticsearchUrl: '',
};
// The roles that it makes go unused: in the Compose file services use the administrator's password.
await provision(
  connections,
  topology.flatMap(({ database }) => database ?? []),
  join(tmpdir(), 'reprise-provision'),
);
