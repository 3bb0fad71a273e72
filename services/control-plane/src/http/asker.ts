import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Provenance } from '@reprise/contracts';
import { callerOf, problem } from '@reprise/service';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

const printable = z.string().regex(/^[\x20-\x7e]{1,200}$/);
const wellFormedTrace = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Who asks, by their token (in development mode by `X-Reprise-Actor`, taken at its word), and in which context.
 * @throws ProblemException 422 for a header that cannot be kept.
 */
export function askerOf(request: FastifyRequest): Provenance {
  const { headers } = request;
  const correlationId = mark(headers, 'x-correlation-id') ?? randomUUID();
  const traceParent = headers['traceparent'];
  return {
    correlationId,
    causationId: correlationId,
    actor: callerOf(request).subject ?? mark(headers, 'x-reprise-actor') ?? 'anonymous',
    ...(typeof traceParent === 'string' && wellFormedTrace.test(traceParent) ? { traceParent } : {}),
  };
}

function mark(headers: IncomingHttpHeaders, name: string): string | undefined {
  if (headers[name] === undefined) return undefined;
  const parsed = printable.safeParse(headers[name]);
  if (parsed.success) return parsed.data;
  throw problem(422, 'invalid-header', `The header ${name} must be 1 to 200 printable ASCII characters.`);
}
