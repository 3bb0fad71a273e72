import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CommandStore } from '@reprise/command-store';
import { ForScope, operatorScopes } from '@reprise/service';

interface OutboxReport {
  readonly depth: number;
  /** Since when the oldest record waits; null when none does. */
  readonly oldestAgeMs: number | null;
}

@ApiTags('outbox')
@Controller('outbox')
export class OutboxController {
  constructor(@Inject(CommandStore) private readonly store: CommandStore) {}

  @Get()
  @ForScope(operatorScopes.read)
  @ApiOperation({ summary: 'How many records wait to be published, and for how long the oldest has' })
  async state(): Promise<OutboxReport> {
    const { depth, oldestAgeMs = null } = await this.store.outbox();
    return { depth, oldestAgeMs };
  }
}
