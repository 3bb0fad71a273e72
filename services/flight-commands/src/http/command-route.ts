import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { openApiSchema } from '@reprise/service';
import type { z } from 'zod';

export interface CommandRouteOptions {
  readonly summary: string;
  /** Name and meaning of the path's parameter, when there is one. */
  readonly param?: readonly [name: string, description: string];
  readonly body?: z.ZodType;
}

/** The OpenAPI description of a command's route. */
export function CommandRoute({ summary, param, body }: CommandRouteOptions): MethodDecorator {
  const problemJson = { 'application/problem+json': {} };
  return applyDecorators(
    ApiOperation({ summary }),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Repeating it gives the first answer again',
    }),
    ApiHeader({
      name: 'X-Correlation-Id',
      required: false,
      description: 'Carried into every event this causes',
    }),
    ApiResponse({
      status: 200,
      description: 'Done, or nothing to do (no events): { version, events, repeated }',
    }),
    ApiResponse({ status: 422, description: 'The command itself is wrong', content: problemJson }),
    ApiResponse({ status: 503, description: 'The write store is away: try again', content: problemJson }),
    ...(param ? [ApiParam({ name: param[0], description: param[1], type: String })] : []),
    ...(body ? [ApiBody({ schema: openApiSchema(body, 'input') })] : []),
  );
}
