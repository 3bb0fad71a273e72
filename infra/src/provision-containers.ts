import { logConnection, logSettings, readConfig } from '@reprise/service';
import { z } from 'zod';
import { provisionWith } from './provision.js';
import { topology } from './topology.js';

/** The step of the Compose file that makes topics, contracts, databases and their roles before any service starts. */
function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

const settings = readConfig(z.object(logSettings));
const connections = {
  kafkaBrokers: settings.REPRISE_KAFKA_BROKERS,
  registryUrl: settings.REPRISE_REGISTRY_URL,
  log: logConnection(settings, 'reprise-provision'),
  postgresUrl: setting('REPRISE_POSTGRES_URL'),
};
// Each database has a role that owns nothing else. One password for all of them: the Compose file has one secret.
const password = setting('POSTGRES_PASSWORD');
await provisionWith(
  connections,
  topology.flatMap(({ database }) => database ?? []),
  () => password,
);
