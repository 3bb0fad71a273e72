import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';

/** The trace that a request belongs to, as W3C's `traceparent` names it. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

const current = new AsyncLocalStorage<TraceContext>();

/** Of the request that is being worked on; nothing outside of one, or when it named none. */
export function currentTrace(): Partial<TraceContext> {
  return current.getStore() ?? {};
}

/** From now on every log line that comes of a request names the trace of its `traceparent`. */
export function followTraces(server: Pick<FastifyInstance, 'addHook'>): void {
  server.addHook('onRequest', (request, _, done) => {
    const trace = traceOf(request.headers['traceparent']);
    if (trace) current.run(trace, done);
    else done();
  });
}

/** Undefined for a header that is malformed: W3C asks to pass over it. Zeros are no ids. */
export function traceOf(header: string | readonly string[] | undefined): TraceContext | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, traceId, spanId] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?$/.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || version === 'ff') return undefined;
  return /^0+$/.test(traceId) || /^0+$/.test(spanId) ? undefined : { traceId, spanId };
}
