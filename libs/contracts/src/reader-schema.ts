import type { AvroRecordSchema } from './stream.js';

/** The contract's schema with only the named fields of the state. */
export function readerSchema(schema: AvroRecordSchema, fields: readonly string[]): AvroRecordSchema {
  const wanted = new Set(fields);
  return {
    ...schema,
    fields: schema.fields.map((field) => {
      if (field.name !== 'state' || !isRecordSchema(field.type)) return field;
      return {
        ...field,
        type: { ...field.type, fields: field.type.fields.filter(({ name }) => wanted.has(name)) },
      };
    }),
  };
}

/** The record of the state inside the envelope. @throws RangeError when there is none. */
export function stateSchema(schema: AvroRecordSchema): AvroRecordSchema {
  const state = schema.fields.find(({ name }) => name === 'state')?.type;
  if (!isRecordSchema(state)) throw new RangeError(`${schema.name} has no state record`);
  return state;
}

export function isRecordSchema(type: unknown): type is AvroRecordSchema {
  return (
    typeof type === 'object' &&
    type !== null &&
    'type' in type &&
    type.type === 'record' &&
    'fields' in type &&
    Array.isArray(type.fields)
  );
}
