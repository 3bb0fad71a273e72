import { Controller, Get, Module, Post, Req } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { ForCallers, ForReaders, ForScope } from '../src/doors/access.js';
import { callerOf } from '../src/doors/caller.js';
import { Health } from '../src/health.js';
import { createLogger } from '../src/logger.js';
import { createApp } from '../src/service.js';
import type { ProcessSettings } from '../src/settings.js';

/** Routes with every kind of door. */
@Controller('things')
class ThingsController {
  @Get()
  @ForScope('thing:read')
  list(@Req() request: FastifyRequest): { subject: string | null } {
    return { subject: callerOf(request).subject ?? null };
  }

  @Post()
  @ForScope('thing:write')
  make(@Req() request: FastifyRequest): { made: unknown } {
    return { made: request.body ?? null };
  }

  @Get('mine')
  @ForCallers()
  mine(@Req() request: FastifyRequest): { subject: string | null } {
    return { subject: callerOf(request).subject ?? null };
  }

  @Get('shown/:id')
  @ForReaders()
  shown(): object {
    return {};
  }

  @Get('forgotten')
  forgotten(): object {
    return { secret: true };
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

/** A service with these settings, not listening. */
export async function things(settings: Partial<ProcessSettings> = {}): Promise<NestFastifyApplication> {
  const app = await createApp({
    name: 'things',
    description: 'Things.',
    settings,
    module: ThingsModule,
    logger: createLogger('things', 'silent'),
    health: new Health(),
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}
