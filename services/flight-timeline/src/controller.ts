import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LiveAnswer, LiveView, openApiSchema, problem } from '@reprise/service';
import type { FastifyReply } from 'fastify';
import { TimelineQueries } from './queries.js';
import { shownTimeline, type ShownTimeline } from './row.js';

@ApiTags('timelines')
@Controller('flights')
export class TimelinesController {
  constructor(
    @Inject(LiveView) private readonly live: LiveView,
    @Inject(TimelineQueries) private readonly timelines: TimelineQueries,
  ) {}

  @Get(':flightId/timeline')
  @LiveAnswer()
  @ApiOperation({ summary: 'Everything that happened to a flight, in order' })
  @ApiParam({ name: 'flightId', description: 'As 2013-01-01-UA1545-EWR', type: String })
  @ApiOkResponse({ description: 'Its events', schema: openApiSchema(shownTimeline) })
  @ApiResponse({
    status: 404,
    description: 'Nothing ever happened to such a flight',
    content: { 'application/problem+json': {} },
  })
  async timeline(
    @Param('flightId') flightId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ShownTimeline> {
    const found = await this.live.answer(reply, (generation) => this.timelines.find(generation, flightId));
    if (!found) throw problem(404, 'flight-not-found', `Nothing is known of a flight ${flightId}.`);
    return found;
  }
}
