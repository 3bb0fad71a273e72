import { OutboxRelay } from '@reprise/command-store';
import {
  createLogger,
  Health,
  logConnection,
  ProcessMetrics,
  readConfig,
  startService,
} from '@reprise/service';
import { relaySettings } from './config.js';
import { RelayModule } from './relay-module.js';

const name = 'flight-commands-relay';
const config = readConfig(relaySettings);
const logger = createLogger(name, config.REPRISE_LOG_LEVEL);
const metrics = new ProcessMetrics({ logger });
const relay = new OutboxRelay({
  connectionString: config.REPRISE_POSTGRES_URL,
  log: logConnection(config, name),
  metrics,
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
  metrics,
  parts: [relay],
});
