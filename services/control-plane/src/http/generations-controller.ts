import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ViewGenerations } from '@reprise/contracts';
import { parseBody, parseQuery, problem } from '@reprise/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ControlPlane } from '../control-plane.js';
import { answerGeneration, generationAnswer, type GenerationAnswer } from './answers.js';
import { openLettersOf } from '../dead-letters/held-letters.js';
import { askerOf } from './asker.js';
import { Describe } from './describe.js';
import { granted, requireGeneration } from './refusals.js';

const ofView = z.object({ view: z.string() });
const ofGeneration = z.object({ view: z.string(), number: z.coerce.number().int().min(1) });
const verificationBody = z.strictObject({
  repair: z.boolean().default(false).describe('Mend what differs from the log'),
  against: z.int().min(1).nullable().default(null).describe('Compare with this generation, not with the log'),
});
const rebuildBody = z.strictObject({ autoFlip: z.boolean().default(false) });

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
    const { autoFlip } = parseBody(rebuildBody, request.body ?? {});
    const after = granted(await this.plane.operations.rebuild(view, autoFlip, askerOf(request.headers)));
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
    commands: true,
  })
  async flip(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    return this.answer(
      granted(await this.plane.operations.flip(view, number, askerOf(request.headers))),
      number,
    );
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
    return this.answer(
      granted(await this.plane.operations.retire(view, number, askerOf(request.headers))),
      number,
    );
  }

  @Post('generations/:number/verifications')
  @HttpCode(202)
  @Describe({
    summary: 'Check what a generation holds against the log, or against another generation',
    answer: generationAnswer,
    status: 202,
    params: ['view', 'number'],
    body: verificationBody,
    commands: true,
  })
  async verify(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    const wanted = { ...parseBody(verificationBody, request.body ?? {}), number };
    const outcome = await this.plane.operations.verify(view, wanted, askerOf(request.headers));
    return this.answer(granted(outcome), number);
  }

  private answer(view: ViewGenerations, number: number): GenerationAnswer {
    const { reports, deadLetters } = this.plane;
    const openLetters = openLettersOf(deadLetters.held, view.view);
    const known = { view, facts: reports.of(view.view), trouble: undefined, openLetters };
    return answerGeneration(known, requireGeneration(view, number));
  }
}

/** @throws ProblemException 404: a path that names no number names no generation. */
function generationIn(params: unknown): z.output<typeof ofGeneration> {
  const parsed = ofGeneration.safeParse(params);
  if (parsed.success) return parsed.data;
  throw problem(404, 'unknown-generation', 'Generations are named by their numbers: 1, 2, 3 …');
}
