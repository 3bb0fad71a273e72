import { Controller, Get, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LiveAnswer, LiveView, openApiSchema, parseQuery, problem, QueryParameters } from '@reprise/service';
import type { FastifyReply } from 'fastify';
import { page, pageParameters, type Page } from './page.js';
import { TemplateViewQueries } from './postgres/queries.js';
import { templateViewRow, type TemplateViewRow } from './row.js';

const problemBody = { 'application/problem+json': {} };

@ApiTags('template-view')
@Controller('template-view')
export class TemplateViewController {
  constructor(
    @Inject(LiveView) private readonly live: LiveView,
    @Inject(TemplateViewQueries) private readonly queries: TemplateViewQueries,
  ) {}

  @Get()
  @LiveAnswer()
  @ApiOperation({ summary: 'The rows, in the order of their keys' })
  @QueryParameters(pageParameters)
  @ApiOkResponse({ description: 'One page', schema: openApiSchema(page) })
  @ApiResponse({ status: 400, description: 'A parameter cannot be used', content: problemBody })
  async list(@Query() query: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<Page> {
    const parameters = parseQuery(pageParameters, query);
    return this.live.answer(reply, (generation) => this.queries.page(generation, parameters));
  }

  @Get(':faa')
  @LiveAnswer()
  @ApiOperation({ summary: 'One row' })
  @ApiParam({ name: 'faa', description: 'Key of the row', type: String })
  @ApiOkResponse({ description: 'The row', schema: openApiSchema(templateViewRow) })
  @ApiResponse({ status: 404, description: 'No such row', content: problemBody })
  async find(
    @Param('faa') faa: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TemplateViewRow> {
    const found = await this.live.answer(reply, (generation) => this.queries.find(generation, faa));
    if (!found) throw problem(404, 'row-not-found', `There is no row ${faa}.`);
    return found;
  }
}
