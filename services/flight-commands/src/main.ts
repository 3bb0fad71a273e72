import { CallbackSender, CommandStore, Publications, Sweeper } from '@reprise/command-store';
import { createLogger, Health, readConfig, startService } from '@reprise/service';
import { systemClock } from './clock.js';
import { commandSettings } from './config.js';
import { entityTypes } from './entity-types.js';
import { isAllowedCallback } from './http/callback.js';
import { FlightCommandsModule } from './module.js';
import { reportOf } from './operations/controller.js';

const name = 'flight-commands';
const dayMs = 24 * 60 * 60 * 1_000;
const config = readConfig(commandSettings);
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
const clock = systemClock;
const publications = new Publications({
  connectionString,
  log,
  onTrouble: (reason) => {
    if (reason === undefined) logger.info('hearing of publications');
    else logger.warn({ reason }, 'cannot hear of publications');
  },
});
const entities = entityTypes.map(({ entity }) => entity);
const store = new CommandStore({ connectionString, source: `/${name}`, entities, log, clock, publications });
const sweeper = new Sweeper({
  connectionString,
  commandsMs: config.REPRISE_IDEMPOTENCY_DAYS * dayMs,
  operationsMs: config.REPRISE_OPERATION_DAYS * dayMs,
  onTrouble: (reason) => {
    logger.warn({ reason }, 'cannot forget what is old');
  },
});
const callbackOrigins = config.REPRISE_CALLBACK_ORIGINS;
const callbacks = new CallbackSender({
  connectionString,
  secret: config.REPRISE_CALLBACK_SECRET ?? '',
  isAllowed: (url) => isAllowedCallback(url, callbackOrigins),
  read: (id) => store.operation(id),
  reportOf,
  onTrouble: (reason) => {
    logger.warn({ reason }, 'cannot call back');
  },
});
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
  module: FlightCommandsModule.with({
    store,
    clock,
    desk: { publishWaitMs: config.REPRISE_PUBLISH_WAIT_MS, callbackOrigins },
  }),
  logger,
  health,
  parts: [store, publications, sweeper, callbacks],
});
