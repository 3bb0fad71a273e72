import 'reflect-metadata';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { HealthController } from './health-controller.js';
import { Health } from './health.js';
import { createLogger, NestLogger, type Logger } from './logger.js';
import { ProblemFilter } from './problem-filter.js';
import { redacted, type ProcessSettings } from './settings.js';

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
  /** Started before the port opens, stopped after the last request is answered. */
  readonly parts?: readonly LongLived[];
  /** Largest body taken, in bytes. Default 1 MiB. */
  readonly bodyLimitBytes?: number;
}

const stillStartingMs = 10_000;

@Module({})
class ServiceModule {}

/**
 * Runs a process until SIGTERM or SIGINT: starts the parts, opens the port with health checks (`/health/live`,
 * `/health/ready`), OpenAPI (`/docs`) and problem+json answers. On the signal: not ready, stops taking requests, finishes
 * those in flight, stops the parts.
 */
export async function startService(options: ServiceOptions): Promise<void> {
  const { name, settings, parts = [], health = new Health() } = options;
  const logger = options.logger ?? createLogger(name, settings.REPRISE_LOG_LEVEL);
  logger.info({ settings: redacted(settings) }, 'starting');
  const app = await createApp(options, logger, health);
  onSignal(async () => {
    logger.info('stopping');
    health.drain();
    await app.close();
    for (const part of parts.toReversed()) await part.stop();
    logger.info('stopped');
  }, logger);
  for (const part of parts) await startPart(part, logger);
  await app.listen(settings.REPRISE_PORT, settings.REPRISE_HOST);
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

async function createApp(
  options: ServiceOptions,
  logger: Logger,
  health: Health,
): Promise<NestFastifyApplication> {
  const { name, description, module, bodyLimitBytes = 1 << 20 } = options;
  const root: DynamicModule = {
    module: ServiceModule,
    global: true,
    imports: [module],
    controllers: [HealthController],
    providers: [
      { provide: Health, useValue: health },
      { provide: LOGGER, useValue: logger },
    ],
    exports: [Health, LOGGER],
  };
  // While it drains it answers as ever: the framework’s own refusal names no generation and no time to try again.
  const adapter = new FastifyAdapter({
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  const app = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(logger),
  });
  app.useGlobalFilters(new ProblemFilter(logger));
  const document = new DocumentBuilder().setTitle(name).setDescription(description).setVersion('1').build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, document));
  return app;
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
