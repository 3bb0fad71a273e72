import { Module } from '@nestjs/common';
import { messageOf } from '@reprise/kernel';
import {
  type BuilderSettings,
  createLogger,
  logConnection,
  ProcessMetrics,
  startService,
} from '@reprise/service';
import type { AnyView } from '@reprise/view';
import type { ViewStore } from '@reprise/view-store';
import { Builder } from './builder.js';

/** A builder has no doors but its health checks and its metrics. */
@Module({})
class BuilderModule {}

/** Runs a view's builder process until SIGTERM or SIGINT. */
export async function runBuilder<Row>(options: {
  readonly view: AnyView<Row>;
  readonly store: ViewStore<Row>;
  readonly settings: BuilderSettings;
}): Promise<void> {
  const { view, store, settings } = options;
  const name = `${view.name}-builder`;
  const logger = createLogger(name, settings.REPRISE_LOG_LEVEL);
  const metrics = new ProcessMetrics({ logger });
  const builder = new Builder({
    view,
    store,
    workMemoryMb: settings.REPRISE_WORK_MEMORY_MB,
    connection: {
      ...logConnection(settings, `reprise-builder-${view.name}`),
      onAway: (reason) => {
        logger.warn({ reason }, 'waiting');
      },
      onWarning: (message, details) => {
        logger.debug(details, message);
      },
    },
    logger,
    clock: { nowMs: () => Date.now() },
    metrics,
    onFatal: (reason) => {
      logger.fatal({ reason: messageOf(reason), err: reason }, 'cannot go on');
      process.exit(1);
    },
  });
  await startService({
    name,
    description: `Builds the generations of view ${view.name}.`,
    settings,
    module: BuilderModule,
    logger,
    metrics,
    parts: [builder],
  });
}
