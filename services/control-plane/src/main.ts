import { catalogue } from '@reprise/contracts';
import { messageOf } from '@reprise/kernel';
import {
  createLogger,
  Health,
  logConnection,
  ProcessMetrics,
  readConfig,
  startService,
} from '@reprise/service';
import { systemClock } from './clock.js';
import { settings } from './config.js';
import { ControlPlane } from './control-plane.js';
import { knownView } from './http/known-view.js';
import { ControlPlaneModule } from './module.js';
import { measureViews } from './views-metrics.js';

const name = 'control-plane';
const config = readConfig(settings);
const logger = createLogger(name, config.REPRISE_LOG_LEVEL);
const metrics = new ProcessMetrics({ logger });
const controlPlane = new ControlPlane({
  streams: catalogue,
  connectionString: config.REPRISE_POSTGRES_URL,
  log: {
    ...logConnection(config, name),
    onAway: (reason) => {
      logger.warn({ reason }, 'waiting');
    },
  },
  clock: systemClock,
  readyLagRecords: config.REPRISE_READY_LAG_RECORDS,
  flipWaitMs: config.REPRISE_FLIP_WAIT_MS,
  maxShadowMismatches: config.REPRISE_SHADOW_MAX_MISMATCHES,
  shadowRules: {
    // Where nothing is asked of a ready generation there is nothing to wait for.
    minCompared: config.REPRISE_SHADOW_SHARE === 0 ? 0 : config.REPRISE_SHADOW_MIN_COMPARED,
    waitMs: config.REPRISE_SHADOW_WAIT_MS,
  },
  builderStaleMs: config.REPRISE_BUILDER_STALE_MS,
  metrics,
  onTrouble: (where, reason) => {
    if (reason === undefined) logger.info({ where }, 'going on');
    else logger.warn({ where, reason }, 'held up');
  },
  onFatal: (reason) => {
    logger.fatal({ reason: messageOf(reason), err: reason }, 'cannot go on');
    process.exit(1);
  },
});
measureViews(metrics, {
  sinceMs: systemClock.nowMs(),
  views: () =>
    controlPlane.views.names().flatMap((name) => {
      const view = controlPlane.views.view(name);
      return view ? [knownView(controlPlane, view)] : [];
    }),
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
  metrics,
  parts: [controlPlane],
});
