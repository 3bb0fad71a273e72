import { randomUUID } from 'node:crypto';
import { eventHeaders, type Envelope, type StreamContract } from '@reprise/contracts';
import { StreamEncoder, type LogConnection } from '@reprise/log';
import type { RecordedEvent } from './decide-batch.js';
import type { EntityType } from './entity.js';
import type { OutboxRow } from './sql/outbox.js';

/** Turns events into the records that are to be published. */
export class EventRecorder {
  private constructor(
    private readonly source: string,
    private readonly encoders: ReadonlyMap<string, StreamEncoder<unknown>>,
  ) {}

  /** Waits for a registry that is away. @throws CodedError `contract-unregistered`. */
  static async open(
    entities: readonly EntityType<never>[],
    { source, log }: { readonly source: string; readonly log: LogConnection },
  ): Promise<EventRecorder> {
    const encoders = new Map<string, StreamEncoder<unknown>>();
    for (const { contract } of entities) encoders.set(contract.name, await StreamEncoder.open(contract, log));
    return new EventRecorder(source, encoders);
  }

  /**
   * The event (in its history too, under the same id) and, after the one that deletes, the tombstone; in a history that is
   * erased then, one for each event.
   */
  rowsOf({ request: { entity, key, provenance }, envelope }: RecordedEvent): OutboxRow[] {
    const { contract, history } = entity;
    const { version, deleted } = envelope;
    const headersOf = (): Record<string, string> =>
      eventHeaders(contract, envelope, { id: randomUUID(), source: this.source, key, provenance });
    const fact = { key, value: this.encode(contract, envelope), headers: headersOf() };
    const rows: OutboxRow[] = [{ ...fact, topic: contract.topic }];
    // Two streams by the same schema: an id of the registry stands for a schema, whoever registered it.
    if (history) rows.push({ ...fact, topic: history.topic, event: version });
    if (!deleted) return rows;
    rows.push({ topic: contract.topic, key, value: null, headers: headersOf() });
    if (history?.erasedWhenDeleted === true)
      for (let event = 1; event <= version; event += 1)
        rows.push({ topic: history.topic, key, event, value: null, headers: headersOf() });
    return rows;
  }

  private encode(contract: StreamContract<unknown>, envelope: Envelope<unknown>): Buffer {
    const encoder = this.encoders.get(contract.name);
    if (!encoder) throw new RangeError(`stream ${contract.name} is not among this store's entities`);
    return encoder.encode(envelope);
  }
}
