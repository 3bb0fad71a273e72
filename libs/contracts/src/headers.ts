import type { Envelope, StreamContract } from './stream.js';

/** Header names of the CloudEvents 1.0 Kafka binding (binary mode), and of our extensions to it. */
export const header = {
  specVersion: 'ce_specversion',
  id: 'ce_id',
  type: 'ce_type',
  source: 'ce_source',
  time: 'ce_time',
  subject: 'ce_subject',
  contentType: 'content-type',
  /** Extension: the entity's version. The only place where a tombstone can carry it. */
  entityVersion: 'ce_entityversion',
  correlationId: 'ce_correlationid',
  causationId: 'ce_causationid',
  actor: 'ce_actor',
  traceParent: 'traceparent',
} as const;

/** Who asked, and why: carried from the request to every record that it causes. */
export interface Provenance {
  readonly correlationId: string;
  readonly causationId: string;
  readonly actor: string;
  /** W3C trace context, as received. */
  readonly traceParent?: string;
}

export interface EventHeaderInput {
  readonly id: string;
  readonly source: string;
  readonly key: string;
  readonly provenance: Provenance;
}

/** The headers of a record that carries `envelope` (or, for a tombstone, what the deleted entity last was). */
export function eventHeaders(
  contract: StreamContract<unknown>,
  envelope: Envelope<unknown>,
  { id, source, key, provenance }: EventHeaderInput,
): Record<string, string> {
  return {
    [header.specVersion]: '1.0',
    [header.id]: id,
    [header.type]: `${contract.topic}.${envelope.event}`,
    [header.source]: source,
    [header.time]: new Date(envelope.occurredAt).toISOString(),
    [header.subject]: key,
    [header.contentType]: 'application/avro',
    [header.entityVersion]: String(envelope.version),
    [header.correlationId]: provenance.correlationId,
    [header.causationId]: provenance.causationId,
    [header.actor]: provenance.actor,
    ...(provenance.traceParent === undefined ? {} : { [header.traceParent]: provenance.traceParent }),
  };
}
