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
  'Idempotency-Key': 'Repeating it with the same command gives the first answer again',
  'If-Match': 'Versions that the entity must be at, as "7" or "7", "8"; * for whichever it has',
  'If-None-Match': 'Versions that it must not be at; * for an entity that must be new',
  'X-Correlation-Id': 'Carried into every event this causes',
  Prefer:
    'respond-async: answer 202 as soon as the command is decided and stored. wait=N: wait no longer than N seconds for the log',
  'Reprise-Callback':
    'With respond-async: an address that is sent the operation, signed, when it is published (where the service allows it)',
};

const version = { ETag: textHeader('The version that the command left, as "7"') };
const done = {
  ...version,
  'Reprise-Position': textHeader('How far a reader has come that shows it: topic/partition:offset, …'),
};
const accepted = {
  ...version,
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
  { status: 400, description: 'If-Match or If-None-Match is malformed', content: problemJson },
  { status: 412, description: 'The entity is at another version', content: problemJson },
  {
    status: 422,
    description: 'The command itself is wrong, or its Idempotency-Key was used for another one',
    content: problemJson,
  },
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
