import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stateSchema, type StreamContract } from '@reprise/contracts';
import { LogProducer, StreamEncoder } from '@reprise/log';
import { defineView, row } from '@reprise/view';
import { MemoryViewStore } from '@reprise/view-store';
import {
  build,
  caughtUp,
  ParcelLog,
  parcelStream,
  parcelView,
  rowsOf,
  type Built,
  type Parcel,
  type ParcelRow,
} from '../test/parcel-setting.js';

type StampedParcel = Parcel & { readonly stamps: number };

/** The next version of the contract: a field more, which says 1 of what was written before. */
function withStamps(contract: StreamContract<Parcel>): StreamContract<StampedParcel> {
  const state = stateSchema(contract.schema);
  const stamped = { ...state, fields: [...state.fields, { name: 'stamps', type: 'int', default: 1 }] };
  const grown: StreamContract<unknown> = {
    ...contract,
    earlierSchemas: [contract.schema],
    schema: {
      ...contract.schema,
      fields: contract.schema.fields.map((field) =>
        field.name === 'state' ? { ...field, type: stamped } : field,
      ),
    },
  };
  // The type alone knows the state.
  return grown as StreamContract<StampedParcel>;
}

describe('a contract that grows while a builder runs', () => {
  const log = new ParcelLog(parcelStream());
  const grownStream = withStamps(log.stream);
  const grown = new ParcelLog(log.stream);
  let old: Built;
  let young: Built | undefined;

  beforeAll(async () => {
    await log.provision();
    await log.append([['before', 1, 7]]);
    const store = new MemoryViewStore<ParcelRow>();
    old = await build(log, parcelView(log.stream, { groups: false }), { store, number: 1 });
    await caughtUp(log, old);
  }, 60_000);

  afterAll(async () => {
    for (const built of [old, young]) {
      await built?.runner.stop();
      await built?.generation.drop();
    }
    for (const number of [1, 2]) await log.forget(number);
    await Promise.all([log.stop(), grown.stop()]);
  });

  test('the builder goes on: it fetches the schema that it did not know, and reads what it declares', async () => {
    await new ParcelLog(grownStream).provision();
    await appendStamped('after', { id: 'after', weightGrams: 9, stamps: 3 });
    // A writer that was not deployed anew yet.
    await log.append([['between', 1, 8]]);
    await caughtUp(log, old);
    expect(await rowsOf(old.generation)).toEqual({ before: 7, after: 9, between: 8 });
    expect(old.letters.all.all()).toEqual([]);
  });

  test('a builder of the next version reads the new field, and the default in what was written before', async () => {
    const view = defineView({
      name: grownStream.name,
      version: 2,
      source: grownStream,
      fields: ['id', 'stamps'],
      project: ({ id, stamps }) => [row<ParcelRow>(id, { weightGrams: stamps })],
    });
    young = await build(grown, view, { store: new MemoryViewStore<ParcelRow>(), number: 2 });
    await caughtUp(log, young);
    expect(await rowsOf(young.generation)).toEqual({ before: 1, after: 3, between: 1 });
  });

  async function appendStamped(key: string, state: StampedParcel): Promise<void> {
    const encoder = await StreamEncoder.open(grownStream, log.connection);
    const fact = { event: 'Weighed', version: 1, occurredAt: 0, changed: [], deleted: false, state };
    const producer = new LogProducer(log.connection);
    const headers = { ce_entityversion: '1' };
    await producer.append([{ topic: log.stream.topic, key, value: encoder.encode(fact), headers }]);
    await producer.stop();
  }
});
