import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Clock } from '@reprise/kernel';
import { LiveAnswer, LiveView, openApiSchema, parseQuery, problem, QueryParameters } from '@reprise/service';
import type { FastifyReply } from 'fastify';
import { boardPage, DepartureBoard, readCursor, type BoardPage, type Place } from './board.js';
import { airportParameters, boardParameters } from './parameters.js';

export const CLOCK = Symbol('clock');

@ApiTags('departures')
@Controller('airports')
export class DeparturesController {
  constructor(
    @Inject(LiveView) private readonly live: LiveView,
    @Inject(DepartureBoard) private readonly board: DepartureBoard,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get(':faa/departures')
  @LiveAnswer()
  @ApiOperation({ summary: 'The departures of an airport, in the order of their scheduled times' })
  @ApiParam({ name: 'faa', description: 'As JFK', type: String })
  @QueryParameters(boardParameters)
  @ApiOkResponse({
    description: 'One page of the board; empty when nothing is scheduled',
    schema: openApiSchema(boardPage),
  })
  @ApiResponse({
    status: 400,
    description: 'A parameter cannot be used',
    content: { 'application/problem+json': {} },
  })
  async departures(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BoardPage> {
    const { faa: airport } = parseQuery(airportParameters, parameters);
    const { from = this.clock.nowMs(), to, limit, cursor } = parseQuery(boardParameters, query);
    const after = cursor === undefined ? undefined : placeOf(cursor);
    return this.live.answer(reply, (generation) =>
      this.board.page(generation, { airport, from, to, limit, after }),
    );
  }
}

function placeOf(cursor: string): Place {
  const after = readCursor(cursor);
  if (after) return after;
  const message = 'must be the cursor of an answer';
  throw problem(400, 'invalid-parameter', `The query parameters cannot be used. cursor: ${message}`).with({
    extensions: { errors: [{ at: 'cursor', message }] },
  });
}
