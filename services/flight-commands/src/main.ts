import { CommandStore } from '@reprise/command-store';
import { createLogger, Health, readConfig, startService } from '@reprise/service';
import { systemClock } from './clock.js';
import { settings } from './config.js';
import { entities } from './entities.js';
import { FlightCommandsModule } from './module.js';

const name = 'flight-commands';
const config = readConfig(settings);
const logger = createLogger(name, config.REPRISE_LOG_LEVEL);
const log = {
  brokers: config.REPRISE_KAFKA_BROKERS,
  registryUrl: config.REPRISE_REGISTRY_URL,
  clientId: name,
  onAway: (reason: string) => {
    logger.warn({ reason }, 'waiting');
  },
};
const connectionString = config.REPRISE_POSTGRES_URL;
const store = new CommandStore({ connectionString, source: `/${name}`, entities, log, clock: systemClock });
const health = new Health();
health.add({
  name: 'postgres',
  check: async () => {
    await store.outboxDepth();
  },
});

await startService({
  name,
  description: 'Decides what may happen to airlines, airports, aircraft and flights.',
  settings: config,
  module: FlightCommandsModule.with(store, systemClock),
  logger,
  health,
  parts: [store],
});
