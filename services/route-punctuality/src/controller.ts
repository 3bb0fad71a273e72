import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LiveAnswer, LiveView, openApiSchema, parseQuery, problem, QueryParameters } from '@reprise/service';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { punctualityParameters, rankingParameters, routeParameters } from './parameters.js';
import {
  punctuality,
  PunctualityQueries,
  routePunctualityAnswer,
  type Punctuality,
  type RoutePunctuality,
} from './queries.js';

const routes = z.object({ routes: z.array(punctuality) });
const refusal = { description: 'A parameter cannot be used', content: { 'application/problem+json': {} } };

@ApiTags('routes')
@Controller('routes')
export class RoutesController {
  constructor(
    @Inject(LiveView) private readonly live: LiveView,
    @Inject(PunctualityQueries) private readonly queries: PunctualityQueries,
  ) {}

  @Get()
  @LiveAnswer()
  @ApiOperation({ summary: 'Routes, ranked' })
  @QueryParameters(rankingParameters)
  @ApiOkResponse({ description: 'The first routes of the ranking', schema: openApiSchema(routes) })
  @ApiResponse({ status: 400, ...refusal })
  async ranking(
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ routes: Punctuality[] }> {
    const ranking = parseQuery(rankingParameters, query);
    return {
      routes: await this.live.answer(reply, (generation) => this.queries.ranking(generation, ranking)),
    };
  }

  @Get(':origin/:destination/punctuality')
  @LiveAnswer()
  @ApiOperation({ summary: 'How punctual the flights of a route are' })
  @ApiParam({ name: 'origin', description: 'As JFK', type: String })
  @ApiParam({ name: 'destination', description: 'As LAX', type: String })
  @QueryParameters(punctualityParameters)
  @ApiOkResponse({
    description: 'Counts, averages and shares',
    schema: openApiSchema(routePunctualityAnswer),
  })
  @ApiResponse({ status: 400, ...refusal })
  @ApiResponse({
    status: 404,
    description: 'Nobody flies the route',
    content: { 'application/problem+json': {} },
  })
  async ofRoute(
    @Param() parameters: unknown,
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoutePunctuality> {
    const route = parseQuery(routeParameters, parameters);
    const selection = parseQuery(punctualityParameters, query);
    const found = await this.live.answer(reply, (generation) =>
      this.queries.ofRoute(generation, route, selection),
    );
    if (!found)
      throw problem(
        404,
        'route-not-found',
        `No flight from ${route.origin} to ${route.destination} is known.`,
      );
    return found;
  }
}
