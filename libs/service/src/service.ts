import 'reflect-metadata';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { describeDoors } from './doors/describe-doors.js';
import { DoorKeeper } from './doors/door-keeper.js';
import { limitOptions, limitRequests } from './doors/limits.js';
import { doorDefaults } from './doors/settings.js';
import { HealthController } from './health-controller.js';
import { Health } from './health.js';
import { createLogger, NestLogger, type Logger } from './logger.js';
import { MetricsController } from './metrics-controller.js';
import { ProblemFilter } from './problem-filter.js';
import { ProcessMetrics } from './process-metrics.js';
import { measureRequests } from './request-metrics.js';
import { redacted, type ProcessSettings } from './settings.js';
import { followTraces } from './trace-context.js';

/** Injection token of the process's logger. */
export const LOGGER = Symbol('logger');

/** Something with a beginning and an end; started in the order given, stopped in the reverse order. */
export interface LongLived {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly name: string;
  /** One sentence for the OpenAPI page. */
  readonly description: string;
  readonly settings: ProcessSettings;
  /** The controllers and providers; made once logger and health exist. */
  readonly module: Type | DynamicModule;
  readonly logger?: Logger;
  readonly health?: Health;
  /** Of those parts that say what they do. */
  readonly metrics?: ProcessMetrics;
  /** Started before the port opens, stopped after the last request is answered. */
  readonly parts?: readonly LongLived[];
}

/** What the doors of a process are made of. */
export type AppOptions = Pick<ServiceOptions, 'name' | 'description' | 'module' | 'metrics'> & {
  readonly settings: Partial<ProcessSettings>;
  readonly logger: Logger;
  readonly health: Health;
};

const stillStartingMs = 10_000;

@Module({})
class ServiceModule {}

/**
 * Runs a process until SIGTERM or SIGINT: starts the parts, opens the port with health checks (`/health/live`,
 * `/health/ready`), metrics (`/metrics`), OpenAPI (`/docs`) and problem+json answers. On the signal: not ready, stops taking
 * requests, finishes those in flight, stops the parts.
 */
export async function startService(options: ServiceOptions): Promise<void> {
  const { name, settings, parts = [], health = new Health() } = options;
  const logger = options.logger ?? createLogger(name, settings.REPRISE_LOG_LEVEL);
  onUncaught(logger);
  logger.info({ settings: redacted(settings) }, 'starting');
  const app = await createApp({ ...options, logger, health });
  onSignal(async () => {
    logger.info('stopping');
    health.drain();
    await app.close();
    for (const part of parts.toReversed()) await part.stop();
    logger.info('stopped');
  }, logger);
  for (const part of parts) await startPart(part, logger);
  await app.listen(settings.REPRISE_PORT, settings.REPRISE_HOST);
  app.get(DoorKeeper).announce(settings.REPRISE_HOST);
  logger.info({ host: settings.REPRISE_HOST, port: settings.REPRISE_PORT }, 'listening');
}

/** A start may wait for dependencies for as long as they are away: then it says so again and again. */
async function startPart(part: LongLived, logger: Logger): Promise<void> {
  const beganMs = performance.now();
  const saying = setInterval(() => {
    const seconds = Math.round((performance.now() - beganMs) / 1_000);
    logger.warn({ part: part.constructor.name, seconds }, 'still starting');
  }, stillStartingMs);
  try {
    await part.start();
  } finally {
    clearInterval(saying);
  }
}

/** The routes of a process behind their doors, not listening yet. */
export async function createApp({
  name,
  description,
  module,
  metrics = new ProcessMetrics(),
  ...options
}: AppOptions): Promise<NestFastifyApplication> {
  const { logger, health } = options;
  const settings = { ...doorDefaults, ...options.settings };
  const keeper = new DoorKeeper(settings, logger);
  metrics.includeProcess();
  if (keeper.mode.kind === 'jwt') health.add({ name: 'tokens', check: () => keeper.requireKeys() });
  const root: DynamicModule = {
    module: ServiceModule,
    global: true,
    imports: [module],
    controllers: [HealthController, MetricsController],
    providers: [
      { provide: Health, useValue: health },
      { provide: LOGGER, useValue: logger },
      { provide: ProcessMetrics, useValue: metrics },
      { provide: DoorKeeper, useValue: keeper },
    ],
    exports: [Health, LOGGER, ProcessMetrics, DoorKeeper],
  };
  // While it drains it answers as ever: the framework’s own refusal names no generation and no time to try again.
  const adapter = new FastifyAdapter({
    ...limitOptions(settings),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
  });
  app.useGlobalFilters(new ProblemFilter(logger));
  const fastify = adapter.getInstance<FastifyInstance>();
  followTraces(fastify);
  // Before the doors, so that what they refuse is counted too.
  measureRequests(fastify, metrics);
  // What a page can send without asking is not taken: it would be text to us anyway.
  fastify.removeContentTypeParser('text/plain');
  limitRequests(fastify, settings);
  await keeper.guard(fastify);
  const document = new DocumentBuilder().setTitle(name).setDescription(description).setVersion('1').build();
  SwaggerModule.setup('docs', app, () => describeDoors(SwaggerModule.createDocument(app, document), keeper));
  return app;
}

/** The log is the one place for failures: what Node would print besides holds all that clients put on theirs. */
function onUncaught(logger: Logger): void {
  process.on('uncaughtException', (failure) => {
    logger.fatal({ err: failure }, 'cannot go on');
    process.exit(1);
  });
}

function onSignal(stop: () => Promise<void>, logger: Logger): void {
  let stopping = false;
  const once = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'signal');
    stop().then(
      () => process.exit(0),
      (reason: unknown) => {
        logger.error({ err: reason }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', once);
  process.on('SIGINT', once);
}
