import { CallbackSender, CommandStore, Publications, Sweeper } from '@reprise/command-store';
import {
  createLogger,
  Health,
  logConnection,
  ProcessMetrics,
  readConfig,
  startService,
} from '@reprise/service';
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
  ...logConnection(config, name),
  onAway: (reason: string) => {
    logger.warn({ reason }, 'waiting');
  },
};
const metrics = new ProcessMetrics({ logger });
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
const store = new CommandStore({
  connectionString,
  source: `/${name}`,
  entities,
  log,
  clock,
  publications,
  metrics,
});
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
  metrics,
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
    batch: { maxLines: config.REPRISE_BATCH_MAX_LINES },
  }),
  logger,
  health,
  metrics,
  parts: [store, publications, sweeper, callbacks],
});
