import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ViewGenerations } from '@reprise/contracts';
import { parseBody, parseQuery } from '@reprise/service';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ControlPlane } from '../control-plane.js';
import { wasRefused } from '../generations/view-generations-store.js';
import {
  answerGeneration,
  answerSummary,
  answerView,
  flipsAnswer,
  generationAnswer,
  viewAnswer,
  viewsAnswer,
  type FlipsAnswer,
  type GenerationAnswer,
  type ViewAnswer,
  type ViewsAnswer,
} from './answers.js';
import { askerOf } from './asker.js';
import { Describe } from './describe.js';
import { knownView } from './known-view.js';
import type { KnownView } from './problems.js';
import { granted, requireGeneration } from './refusals.js';

const path = z.object({ view: z.string() });
const rollbackBody = z.strictObject({
  from: z
    .int()
    .min(1)
    .optional()
    .describe(
      'The generation to leave; when another one is live by then, nothing is done. Default: whichever is live',
    ),
});
const retireBody = z.strictObject({ generation: z.int().min(1) });

@ApiTags('views')
@Controller('views')
export class ViewsController {
  constructor(@Inject(ControlPlane) private readonly plane: ControlPlane) {}

  @Get()
  @Describe({ summary: 'All views, with their live generation', answer: viewsAnswer })
  async list(): Promise<ViewsAnswer> {
    const outcomes = await Promise.all(this.plane.views.names().map((name) => this.plane.store.read(name)));
    const known = outcomes.flatMap((outcome) => (wasRefused(outcome) ? [] : [outcome]));
    return { views: known.map((view) => answerSummary(this.known(view))) };
  }

  @Get(':view')
  @Describe({
    summary: 'One view with all its generations and builders',
    answer: viewAnswer,
    params: ['view'],
  })
  async show(@Req() request: FastifyRequest): Promise<ViewAnswer> {
    const { view } = parseQuery(path, request.params);
    return answerView(this.known(granted(await this.plane.store.read(view))));
  }

  @Get(':view/flips')
  @Describe({
    summary: 'The newest flips and rollbacks, oldest first',
    answer: flipsAnswer,
    params: ['view'],
  })
  async flips(@Req() request: FastifyRequest): Promise<FlipsAnswer> {
    const { view } = parseQuery(path, request.params);
    return flipsAnswer.parse(granted(await this.plane.store.read(view)));
  }

  @Post(':view/rollback')
  @HttpCode(200)
  @Describe({
    summary: 'Flip back to the previous generation, once: asked again, it is refused as already-rolled-back',
    answer: generationAnswer,
    params: ['view'],
    body: rollbackBody,
    commands: true,
  })
  async rollBack(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view } = parseQuery(path, request.params);
    const wanted = parseBody(rollbackBody, request.body ?? {});
    const after = granted(await this.plane.operations.rollBack(view, wanted, askerOf(request)));
    return answerGeneration(this.known(after), requireGeneration(after, after.live ?? 0));
  }

  @Post(':view/retire')
  @HttpCode(200)
  @Describe({
    summary: 'Retire a generation: its builder drops it from the store',
    answer: generationAnswer,
    params: ['view'],
    body: retireBody,
    commands: true,
  })
  async retire(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view } = parseQuery(path, request.params);
    const { generation } = parseBody(retireBody, request.body);
    const after = granted(await this.plane.operations.retire(view, generation, askerOf(request)));
    return answerGeneration(this.known(after), requireGeneration(after, generation));
  }

  private known(view: ViewGenerations): KnownView {
    return knownView(this.plane, view);
  }
}
