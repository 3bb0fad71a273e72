import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiParam, ApiResponse } from '@nestjs/swagger';
import { ForScope, operatorScopes } from '@reprise/service';
import { z } from 'zod';

export interface RouteDescription {
  readonly summary: string;
  readonly answer: z.ZodType;
  /** Default 200. */
  readonly status?: number;
  readonly params?: readonly ('view' | 'number' | 'letterId')[];
  readonly body?: z.ZodType;
  /** True: it changes something, and may be refused by the state machine. */
  readonly commands?: boolean;
}

const params = {
  view: { name: 'view', description: 'Name of the view, as flight-search', type: String },
  number: { name: 'number', description: 'Number of the generation', type: Number },
  letterId: { name: 'letterId', description: 'Id of the letter', type: String },
} as const;

/** The door of a route, for operators, and its OpenAPI description. */
export function Describe(route: RouteDescription): MethodDecorator {
  const problemJson = { 'application/problem+json': {} };
  return applyDecorators(
    ForScope(route.commands === true ? operatorScopes.write : operatorScopes.read),
    ApiOperation({ summary: route.summary }),
    ApiResponse({ status: route.status ?? 200, description: 'Done', schema: openApiSchema(route.answer) }),
    ...(route.params ?? []).map((name) => ApiParam(params[name])),
    ...(route.params
      ? [ApiResponse({ status: 404, description: 'There is no such thing', content: problemJson })]
      : []),
    ...(route.body ? [ApiBody({ schema: openApiSchema(route.body), required: false })] : []),
    ...(route.commands
      ? [
          ApiHeader({
            name: 'X-Reprise-Actor',
            required: false,
            description: 'Who asks, in development mode; default anonymous',
          }),
          ApiResponse({
            status: 409,
            description: 'Not in the present state of things',
            content: problemJson,
          }),
        ]
      : []),
  );
}

function openApiSchema(type: z.ZodType): Record<string, unknown> {
  return { ...z.toJSONSchema(type, { io: 'input', target: 'openapi-3.0' }), $schema: undefined };
}
