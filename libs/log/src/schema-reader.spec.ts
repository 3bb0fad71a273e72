import { describe, expect, test } from '@jest/globals';
import { readerSchema, type AvroField, type AvroRecordSchema, type StreamContract } from '@reprise/contracts';
import { parcels } from '../test/parcels.js';
import { SchemaReader, typeOf } from './schema-reader.js';

const parcel = parcels();

function withState(...added: AvroField[]): AvroRecordSchema {
  return {
    ...parcel.schema,
    fields: parcel.schema.fields.map((field) =>
      field.name === 'state'
        ? { ...field, type: { type: 'record', name: 'Parcel', fields: [...known, ...added] } }
        : field,
    ),
  };
}

const known: readonly AvroField[] = [
  { name: 'id', type: 'string' },
  { name: 'weightGrams', type: 'int' },
];
const stamps: AvroField = { name: 'stamps', type: 'int', default: 0 };
const later: AvroField = { name: 'later', type: 'string', default: '' };

/** An event as version 1 wrote it. */
const golden = {
  ...{ event: 'ParcelWeighed', version: 3, occurredAt: 1, changed: ['weightGrams'], deleted: false },
  state: { id: 'a', weightGrams: 40 },
};

/** What was paid followed from the weight: 0 stamps would be a lie. */
const contract: StreamContract<unknown> = {
  ...parcel,
  schema: withState(stamps),
  earlierSchemas: [withState()],
  upcasts: [
    {
      field: 'stamps',
      reads: ['weightGrams'],
      fill: ({ weightGrams }) => Math.ceil(Number(weightGrams) / 20),
    },
  ],
};

const ofVersion1 = { writer: withState(), event: golden };

interface Written {
  readonly writer: AvroRecordSchema;
  readonly event: unknown;
  /** The contract that is read by. */
  readonly given?: StreamContract<unknown>;
}

function read({ writer, event, given = contract }: Written, fields: readonly string[]): unknown {
  const reader = new SchemaReader(given, readerSchema(given.schema, fields));
  const bytes = typeOf(writer).toBuffer(event);
  return JSON.parse(JSON.stringify(reader.readingOf(typeOf(writer))(bytes)));
}

describe('an upcast', () => {
  test('fills a field that the writer did not know, from what it did', () => {
    expect(read(ofVersion1, ['id', 'weightGrams', 'stamps'])).toEqual({
      ...golden,
      state: { id: 'a', weightGrams: 40, stamps: 2 },
    });
  });

  test('reads what it needs, and hands on no more than was asked for', () => {
    expect(read(ofVersion1, ['stamps'])).toEqual({ ...golden, state: { stamps: 2 } });
  });

  test('leaves alone who does not read its field', () => {
    expect(read(ofVersion1, ['id'])).toEqual({ ...golden, state: { id: 'a' } });
  });

  test.each([
    ['that knew the field', withState(stamps)],
    ['of a version that is newer than ours', withState(stamps, later)],
  ])('leaves a record alone whose writer is one %s', (_, writer) => {
    const event = { ...golden, state: { id: 'a', weightGrams: 40, stamps: 7, later: 'x' } };
    expect(read({ writer, event }, ['stamps'])).toEqual({ ...golden, state: { stamps: 7 } });
  });

  test('may read a field that the newest version no longer has', () => {
    const moved = { ...contract, schema: withoutWeight(withState(stamps)) };
    expect(read({ ...ofVersion1, given: moved }, ['stamps'])).toEqual({ ...golden, state: { stamps: 2 } });
  });

  test('must make what its field can hold', () => {
    const wrong = { ...contract, upcasts: [{ field: 'stamps', reads: [], fill: () => 'two' }] };
    expect(() => read({ ...ofVersion1, given: wrong }, ['stamps'])).toThrow(
      'an upcast of stamps made what its field cannot hold',
    );
  });

  test('cannot read what there never was', () => {
    const wrong = { ...contract, upcasts: [{ field: 'stamps', reads: ['colour'], fill: () => 2 }] };
    expect(() => read({ ...ofVersion1, given: wrong }, ['stamps'])).toThrow(
      'reads colour, which no version has',
    );
  });
});

test('without an upcast a field that the writer did not know has its default', () => {
  const { upcasts, ...plain } = contract;
  expect(upcasts).toHaveLength(1);
  expect(read({ ...ofVersion1, given: plain }, ['stamps'])).toEqual({ ...golden, state: { stamps: 0 } });
});

function withoutWeight(schema: AvroRecordSchema): AvroRecordSchema {
  const isKept = (name: string): boolean => name !== 'weightGrams';
  return {
    ...schema,
    fields: schema.fields.map((field) =>
      field.name === 'state'
        ? {
            ...field,
            type: {
              type: 'record',
              name: 'Parcel',
              fields: [...known, stamps].filter(({ name }) => isKept(name)),
            },
          }
        : field,
    ),
  };
}
