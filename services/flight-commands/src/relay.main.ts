import { OutboxRelay } from '@reprise/command-store';
import { createLogger, Health, readConfig, startService } from '@reprise/service';
import { relaySettings } from './config.js';
import { RelayModule } from './relay-module.js';

const name = 'flight-commands-relay';
const config = readConfig(relaySettings);
const logger = createLogger(name, config.REPRISE_LOG_LEVEL);
const relay = new OutboxRelay({
  connectionString: config.REPRISE_POSTGRES_URL,
  log: { brokers: config.REPRISE_KAFKA_BROKERS, registryUrl: config.REPRISE_REGISTRY_URL, clientId: name },
  onTrouble: (reason) => {
    if (reason === undefined) logger.info('publishing');
    else logger.warn({ reason }, 'cannot publish');
  },
});
const health = new Health();
health.add({
  name: 'relay',
  check: () => {
    if (relay.trouble !== undefined) throw new Error(relay.trouble);
  },
});

await startService({
  name,
  description: 'Publishes the events of the flight commands, in order per key.',
  settings: config,
  module: RelayModule,
  logger,
  health,
  parts: [relay],
});
