import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { z } from 'zod';

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
