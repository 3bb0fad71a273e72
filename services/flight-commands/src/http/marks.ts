import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Provenance } from '@reprise/contracts';
import { problem } from '@reprise/service';
import { commandId } from '../fields.js';

/** What a request's headers say about it. */
export interface RequestMarks {
  /** From `Idempotency-Key`. */
  readonly commandId?: string;
  readonly provenance: Provenance;
}

const wellFormedTrace = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Reads `Idempotency-Key`, `X-Correlation-Id` (made up when absent) and `traceparent` (passed over when malformed, as W3C
 * asks). The actor is `anonymous`: in development mode nobody has to say who they are.
 * @throws ProblemException 422 for a key or correlation id that cannot be kept.
 */
export function readMarks(headers: IncomingHttpHeaders): RequestMarks {
  const key = printable(headers, 'idempotency-key');
  const correlationId = printable(headers, 'x-correlation-id') ?? randomUUID();
  const traceParent = headers['traceparent'];
  const provenance = {
    correlationId,
    causationId: key ?? correlationId,
    actor: 'anonymous',
    ...(typeof traceParent === 'string' && wellFormedTrace.test(traceParent) ? { traceParent } : {}),
  };
  return key === undefined ? { provenance } : { commandId: key, provenance };
}

function printable(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined) return undefined;
  const parsed = commandId.safeParse(value);
  if (parsed.success) return parsed.data;
  throw problem(422, 'invalid-header', `The header ${name} must be 1 to 200 printable ASCII characters.`);
}
