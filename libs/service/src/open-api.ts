import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';
import { ForReaders } from './doors/access.js';
import { minPositionHeader, positionHeader } from './positioned-reads.js';

/** A zod type as an OpenAPI 3.0 schema. */
export function openApiSchema(type: z.ZodType, io: 'input' | 'output' = 'output'): Record<string, unknown> {
  const schema = z.toJSONSchema(type, { io, target: 'openapi-3.0', unrepresentable: 'any' });
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
}

/** Describes every parameter of a query. */
export function QueryParameters(parameters: z.ZodObject): MethodDecorator {
  return applyDecorators(
    ...Object.entries(parameters.shape).map(([name, type]) => {
      const described = z.instanceof(z.ZodType).parse(type);
      const { description = '', ...schema } = openApiSchema(described, 'input');
      return ApiQuery({ name, required: false, description: String(description), schema });
    }),
  );
}

/** For who may read the view; describes what `LiveView.answer` reads from a request and may refuse. */
export function LiveAnswer(): MethodDecorator {
  return applyDecorators(
    ForReaders(),
    ApiHeader({
      name: minPositionHeader,
      required: false,
      description: `${positionHeader} of an earlier answer, of a command or a query: this one shows at least as much, and tells its own. Empty: only tells it`,
    }),
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: 'wait=<seconds>: wait no longer than that for the position',
    }),
    ApiResponse({
      status: 503,
      description:
        'Nothing is live, or the position is not shown in time: try again after Retry-After seconds',
      content: { 'application/problem+json': {} },
    }),
  );
}
