import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Provenance } from '@reprise/contracts';
import { callerOf, problem } from '@reprise/service';
import type { FastifyRequest } from 'fastify';
import { commandId } from '../fields.js';

/** What a request's headers say about it. */
export interface RequestMarks {
  /** From `Idempotency-Key`; another one for each subject. */
  readonly commandId?: string;
  /** `Idempotency-Key` as it was written. */
  readonly idempotencyKey?: string;
  readonly provenance: Provenance;
}

/** Who asks where nobody is asked who they are. */
export const anonymous = 'anonymous';

const wellFormedTrace = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Reads `Idempotency-Key`, `X-Correlation-Id` (made up when absent) and `traceparent` (passed over when malformed, as W3C
 * asks). The actor is the token's subject; `anonymous` in development mode, where nobody has to say who they are.
 * @throws ProblemException 422 for a key or correlation id that cannot be kept.
 */
export function readMarks(request: FastifyRequest): RequestMarks {
  const { headers } = request;
  const { subject } = callerOf(request);
  const key = printable(headers, 'idempotency-key');
  const correlationId = printable(headers, 'x-correlation-id') ?? randomUUID();
  const traceParent = headers['traceparent'];
  const provenance = {
    correlationId,
    causationId: key ?? correlationId,
    actor: subject ?? anonymous,
    ...(typeof traceParent === 'string' && wellFormedTrace.test(traceParent) ? { traceParent } : {}),
  };
  return key === undefined
    ? { provenance }
    : { commandId: idOfCommand(key, subject), idempotencyKey: key, provenance };
}

/**
 * The id of a command that is somebody's own: a key of one subject tells nothing of, and keeps nobody from, the same key of
 * another. Keys have no spaces, so no subject and key are taken for another subject's, nor for one of development mode.
 */
export function idOfCommand(key: string, subject: string | undefined): string {
  return subject === undefined ? key : `${subject} ${key}`;
}

function printable(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined) return undefined;
  const parsed = commandId.safeParse(value);
  if (parsed.success) return parsed.data;
  throw problem(422, 'invalid-header', `The header ${name} must be 1 to 200 printable ASCII characters.`);
}
