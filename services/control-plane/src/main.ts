import { catalogue } from '@reprise/contracts';
import { messageOf } from '@reprise/kernel';
import { createLogger, Health, readConfig, startService } from '@reprise/service';
import { systemClock } from './clock.js';
import { settings } from './config.js';
import { ControlPlane } from './control-plane.js';
import { ControlPlaneModule } from './module.js';

const name = 'control-plane';
const config = readConfig(settings);
const logger = createLogger(name, config.REPRISE_LOG_LEVEL);
const controlPlane = new ControlPlane({
  streams: catalogue,
  connectionString: config.REPRISE_POSTGRES_URL,
  log: {
    brokers: config.REPRISE_KAFKA_BROKERS,
    registryUrl: config.REPRISE_REGISTRY_URL,
    clientId: name,
    onAway: (reason) => {
      logger.warn({ reason }, 'waiting');
    },
  },
  clock: systemClock,
  readyLagRecords: config.REPRISE_READY_LAG_RECORDS,
  flipWaitMs: config.REPRISE_FLIP_WAIT_MS,
  maxShadowMismatches: config.REPRISE_SHADOW_MAX_MISMATCHES,
  builderStaleMs: config.REPRISE_BUILDER_STALE_MS,
  onTrouble: (where, reason) => {
    if (reason === undefined) logger.info({ where }, 'going on');
    else logger.warn({ where, reason }, 'held up');
  },
  onFatal: (reason) => {
    logger.fatal({ reason: messageOf(reason), err: reason }, 'cannot go on');
    process.exit(1);
  },
});
const health = new Health();
health.add({ name: 'postgres', check: () => controlPlane.requirePostgres() });
health.add({
  name: 'streams',
  check: () => {
    controlPlane.requireCaughtUp();
  },
});

await startService({
  name,
  description: 'Starts, follows, flips, rolls back and retires the generations of views.',
  settings: config,
  module: ControlPlaneModule.with(controlPlane),
  logger,
  health,
  parts: [controlPlane],
});
