import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LiveAnswer, LiveView, openApiSchema, parseQuery, problem, QueryParameters } from '@reprise/service';
import type { FastifyReply } from 'fastify';
import { readCursor, type After } from './cursor.js';
import { searchParameters, type Search } from './parameters.js';
import { shownFlight, type ShownFlight } from './row.js';
import { flightPage, FlightSearch, type FlightPage } from './search.js';

@ApiTags('flights')
@Controller('flights')
export class FlightsController {
  constructor(
    @Inject(LiveView) private readonly live: LiveView,
    @Inject(FlightSearch) private readonly flights: FlightSearch,
  ) {}

  @Get()
  @LiveAnswer()
  @ApiOperation({
    summary: 'Flights that match all that is given, with counts per airline, airport and status',
  })
  @QueryParameters(searchParameters)
  @ApiOkResponse({ description: 'One page of matches', schema: openApiSchema(flightPage) })
  @ApiResponse({
    status: 400,
    description: 'A parameter cannot be used',
    content: { 'application/problem+json': {} },
  })
  async search(
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<FlightPage> {
    const { limit, cursor, ...search } = parseQuery(searchParameters, query);
    const after = cursor === undefined ? undefined : afterCursor(search, cursor);
    return this.live.answer(reply, (generation) => this.flights.search(generation, search, { limit, after }));
  }

  @Get(':flightId')
  @LiveAnswer()
  @ApiOperation({ summary: 'One flight' })
  @ApiParam({ name: 'flightId', description: 'As 2013-01-01-UA1545-EWR', type: String })
  @ApiOkResponse({ description: 'The flight', schema: openApiSchema(shownFlight) })
  @ApiResponse({ status: 404, description: 'No such flight', content: { 'application/problem+json': {} } })
  async flight(
    @Param('flightId') flightId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ShownFlight> {
    const found = await this.live.answer(reply, (generation) => this.flights.find(generation, flightId));
    if (!found) throw problem(404, 'flight-not-found', `There is no flight ${flightId}.`);
    return found;
  }
}

function afterCursor(search: Search, cursor: string): After {
  const after = readCursor(search, cursor);
  if (after) return after;
  const message = 'must be the cursor of an answer to the same filters and sort';
  throw problem(400, 'invalid-parameter', `The query parameters cannot be used. cursor: ${message}`).with({
    extensions: { errors: [{ at: 'cursor', message }] },
  });
}
