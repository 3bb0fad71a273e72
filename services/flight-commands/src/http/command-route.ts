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

const problemJson = { 'application/problem+json': {} };
const textHeader = (description: string) => ({ description, schema: { type: 'string' as const } });

const requestHeaders: Readonly<Record<string, string>> = {
  'Idempotency-Key': 'Repeating it gives the first answer again',
  'X-Correlation-Id': 'Carried into every event this causes',
  Prefer:
    'respond-async: answer 202 as soon as the command is decided and stored. wait=N: wait no longer than N seconds for the log',
  'Reprise-Callback':
    'With respond-async: an address that is sent the operation, signed, when it is published (where the service allows it)',
};

const done = {
  'Reprise-Position': textHeader('How far a reader has come that shows it: topic/partition:offset, …'),
};
const accepted = {
  Location: textHeader('The operation, to ask what became of it'),
  'Preference-Applied': textHeader('What was heeded of Prefer'),
};

const answers = [
  {
    status: 200,
    description: 'Done and in the log, or nothing to do (no events): { version, events, repeated }',
    headers: done,
  },
  { status: 201, description: 'As 200, and the entity is new', headers: done },
  {
    status: 202,
    description: 'Decided and stored; not in the log yet, or not waited for: as 200, with { operation }',
    headers: accepted,
  },
  { status: 404, description: 'There is no such entity', content: problemJson },
  { status: 409, description: 'Not in the entity’s present state', content: problemJson },
  { status: 422, description: 'The command itself is wrong', content: problemJson },
  { status: 503, description: 'The write store is away: try again', content: problemJson },
];

/** The OpenAPI description of a command's route. */
export function CommandRoute({ summary, param, body }: CommandRouteOptions): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary }),
    ...Object.entries(requestHeaders).map(([name, description]) =>
      ApiHeader({ name, description, required: false }),
    ),
    ...answers.map((answer) => ApiResponse(answer)),
    ...(param ? [ApiParam({ name: param[0], description: param[1], type: String })] : []),
    ...(body ? [ApiBody({ schema: openApiSchema(body, 'input') })] : []),
  );
}
