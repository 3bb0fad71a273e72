import { Controller, HttpCode, Inject, Post, Put, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { parseBody } from '@reprise/service';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ControlPlane } from '../control-plane.js';
import { generationAnswer, type GenerationAnswer } from './answers.js';
import { askerOf } from './asker.js';
import { Describe } from './describe.js';
import { generationIn } from './generation-path.js';
import { generationOf } from './known-view.js';
import { granted } from './refusals.js';

const change = { answer: generationAnswer, params: ['view', 'number'], commands: true } as const;
const throttleBody = z.strictObject({
  maxRecordsPerSecond: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .nullable()
    .describe('For all its builders together; null: no limit'),
});
const verificationBody = z.strictObject({
  repair: z.boolean().default(false).describe('Mend what differs from the log'),
  against: z.int().min(1).nullable().default(null).describe('Compare with this generation, not with the log'),
});

/** How a generation is built, and whether it is right. */
@ApiTags('generations')
@Controller('views/:view/generations/:number')
export class PaceController {
  constructor(@Inject(ControlPlane) private readonly plane: ControlPlane) {}

  @Post('pause')
  @HttpCode(200)
  @Describe({
    summary: 'Stop reading until it is resumed; the time that tombstones are kept goes on',
    ...change,
  })
  async pause(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    const outcome = await this.plane.operations.pause(view, number, askerOf(request));
    return generationOf(this.plane, granted(outcome), number);
  }

  @Post('resume')
  @HttpCode(200)
  @Describe({ summary: 'Go on reading', ...change })
  async resume(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    const outcome = await this.plane.operations.resume(view, number, askerOf(request));
    return generationOf(this.plane, granted(outcome), number);
  }

  @Post('cancel')
  @HttpCode(200)
  @Describe({ summary: 'End a rebuild that is under way: its builder drops it from the store', ...change })
  async cancel(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    const outcome = await this.plane.operations.cancel(view, number, askerOf(request));
    return generationOf(this.plane, granted(outcome), number);
  }

  @Put('throttle')
  @Describe({ summary: 'Limit how fast it reads', body: throttleBody, ...change })
  async throttle(@Req() request: FastifyRequest): Promise<GenerationAnswer> {
    const { view, number } = generationIn(request.params);
    const wanted = { ...parseBody(throttleBody, request.body), number };
    const outcome = await this.plane.operations.throttle(view, wanted, askerOf(request));
    return generationOf(this.plane, granted(outcome), number);
  }

  @Post('verifications')
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
    const outcome = await this.plane.operations.verify(view, wanted, askerOf(request));
    return generationOf(this.plane, granted(outcome), number);
  }
}
