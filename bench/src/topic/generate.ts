import { randomUUID } from 'node:crypto';
import { eventHeaders, type Flight, type StreamContract } from '@reprise/contracts';
import { LogProducer, StreamEncoder, type LogConnection, type LogRecord } from '@reprise/log';
import { pagesOf } from '../pages.js';
import { rowOf } from '../views/row.js';
import { Checksum, type Content } from './checksum.js';
import type { FlightEnvelope } from './years.js';

const recordsAtOnce = 4_000;

export interface Generation {
  readonly contract: StreamContract<Flight>;
  readonly connection: LogConnection;
  readonly events: Iterable<FlightEnvelope>;
  readonly onProgress: (records: number) => void;
}

/** Appends the events as the relay would; returns how many, and what a view of all their flights must hold. */
export async function append({
  contract,
  connection,
  events,
  onProgress,
}: Generation): Promise<{ records: number; content: Content }> {
  const producer = new LogProducer(connection);
  const encoder = await StreamEncoder.open(contract, connection);
  const last = new Map<string, Flight>();
  let records = 0;
  try {
    for (const envelopes of pagesOf(events, recordsAtOnce)) {
      await producer.append(envelopes.map((envelope) => recordOf(contract, encoder, envelope)));
      for (const { state } of envelopes) last.set(state.flightId, state);
      records += envelopes.length;
      onProgress(records);
    }
  } finally {
    await producer.stop();
  }
  const checksum = new Checksum();
  for (const flight of last.values()) checksum.add(rowOf(flight));
  return { records, content: checksum.content() };
}

function recordOf(
  contract: StreamContract<Flight>,
  encoder: StreamEncoder<Flight>,
  envelope: FlightEnvelope,
): LogRecord {
  const key = envelope.state.flightId;
  const causationId = `${key}/${envelope.version}`;
  const provenance = { correlationId: randomUUID(), causationId, actor: 'replayer' };
  const headers = eventHeaders(contract, envelope, {
    id: randomUUID(),
    source: 'flight-commands',
    key,
    provenance,
  });
  return { topic: contract.topic, key, value: encoder.encode(envelope), headers };
}
