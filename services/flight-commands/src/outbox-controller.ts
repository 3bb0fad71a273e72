import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandStore } from '@reprise/command-store';

@ApiTags('outbox')
@Controller('outbox')
export class OutboxController {
  constructor(@Inject(CommandStore) private readonly store: CommandStore) {}

  @Get()
  @ApiOperation({ summary: 'How many records wait to be published' })
  async depth(): Promise<{ depth: number }> {
    return { depth: await this.store.outboxDepth() };
  }
}
