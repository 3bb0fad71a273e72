import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { OpenToAll } from './doors/access.js';
import { DoorKeeper } from './doors/door-keeper.js';
import { Health, type HealthReport } from './health.js';

@ApiExcludeController()
@Controller('health')
export class HealthController {
  constructor(
    @Inject(Health) private readonly health: Health,
    @Inject(DoorKeeper) private readonly keeper: DoorKeeper,
  ) {}

  @Get('live')
  @OpenToAll()
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('ready')
  @OpenToAll()
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const told = await this.health.report();
    // Everybody may ask: where not everybody is trusted, the reasons are for the log.
    const report = this.keeper.mode.kind === 'jwt' ? withoutReasons(told) : told;
    await reply.status(report.status === 'ready' ? 200 : 503).send(report);
  }
}

function withoutReasons(report: HealthReport): HealthReport {
  if (report.status !== 'not-ready') return report;
  const checks: Record<string, string> = {};
  for (const [name, said] of Object.entries(report.checks)) checks[name] = said === 'ok' ? said : 'failing';
  return { ...report, checks };
}
