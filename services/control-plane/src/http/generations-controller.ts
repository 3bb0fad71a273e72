import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ViewGenerations } from '@reprise/contracts';
import { parseBody, parseQuery } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ControlPlane } from '../control-plane.js';
import { generationAnswer, type GenerationAnswer } from './answers.js';
import { askerOf } from './asker.js';
import { Describe } from './describe.js';
import { generationIn } from './generation-path.js';
import { generationOf } from './known-view.js';
import { granted } from './refusals.js';

const ofView = z.object({ view: z.string() });
const rebuildBody = z.strictObject({
  autoFlip: z.boolean().default(false),
  definitionVersion: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Default: the newest; a builder must run it'),
});
const flipBody = z.strictObject({
  force: z
    .boolean()
    .default(false)
    .describe('In spite of open dead letters, and of live reads that it answers otherwise'),
  reason: z.string().trim().min(1).max(500).optional().describe('Why; kept in the history of flips'),
});

@ApiTags('generations')
@Controller('views/:view')
export class GenerationsController {
  constructor(@Inject(ControlPlane) private readonly plane: ControlPlane) {}

  @Get('generations')
  @Describe({
    summary: 'The generations of a view, oldest first',
    answer: z.array(generationAnswer),
    params: ['view'],
  })
  async list(@Req() request: FastifyRequest): Promise<GenerationAnswer[]> {
    const { view } = parseQuery(ofView, request.params);
    const known = granted(await this.plane.store.read(view));
    return known.generations.map(({ number }) => this.answer(known, number));
  }

  @Get('generations/:number')
  @Describe({
    summary: 'One generation and its progress',
    answer: generationAnswer,
    params: ['view', 'number'],
  })
  async show(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    return this.answer(granted(await this.plane.store.read(view)), number);
  }

  @Post('rebuilds')
  @HttpCode(202)
  @Describe({
    summary: 'Build a new generation from offset zero, beside the live one',
    answer: generationAnswer,
    status: 202,
    params: ['view'],
    body: rebuildBody,
    commands: true,
  })
  async rebuild(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationAnswer> {
    const { view } = parseQuery(ofView, request.params);
    const wanted = parseBody(rebuildBody, request.body ?? {});
    const after = granted(await this.plane.operations.rebuild(view, wanted, askerOf(request)));
    const number = Math.max(...after.generations.map((generation) => generation.number));
    reply.header('location', `/views/${encodeURIComponent(view)}/generations/${number}`);
    return this.answer(after, number);
  }

  @Post('generations/:number/flip')
  @HttpCode(200)
  @Describe({
    summary:
      'Make a ready or standby generation the live one; waits until it has applied what the live one showed',
    answer: generationAnswer,
    params: ['view', 'number'],
    body: flipBody,
    commands: true,
  })
  async flip(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    const { force, reason: note } = parseBody(flipBody, request.body ?? {});
    const outcome = await this.plane.operations.flip(view, { number, force, note }, askerOf(request));
    return this.answer(granted(outcome), number);
  }

  @Post('generations/:number/retire')
  @HttpCode(200)
  @Describe({
    summary: 'Retire a generation: its builder drops it from the store',
    answer: generationAnswer,
    params: ['view', 'number'],
    commands: true,
  })
  async retire(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    return this.answer(granted(await this.plane.operations.retire(view, number, askerOf(request))), number);
  }

  private answer(view: ViewGenerations, number: number): GenerationAnswer {
    return generationOf(this.plane, view, number);
  }
}
