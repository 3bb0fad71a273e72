import {
  stateSchema,
  type AvroField,
  type AvroRecordSchema,
  type StreamContract,
  type Upcast,
} from '@reprise/contracts';
import avro from 'avsc';

/** Reads the bytes of a record (without their frame) that one writer's schema wrote. */
export type Reading = (bytes: Buffer) => unknown;

/** Reads records as one schema says, whichever version wrote them; what a default cannot fill is upcast. */
export class SchemaReader {
  private readonly type: avro.Type;
  private readonly upcasts: readonly Upcast[];

  /** @param schema The contract's, or a part of it. */
  constructor(
    private readonly contract: StreamContract<unknown>,
    private readonly schema: AvroRecordSchema,
  ) {
    this.type = typeOf(schema);
    const fields = stateFieldsOf(this.type);
    this.upcasts = (contract.upcasts ?? []).filter(({ field }) => fields.has(field));
  }

  /** What reads the records of this writer. @throws Error when no record of it can be read. */
  readingOf(writer: avro.Type): Reading {
    const written = stateFieldsOf(writer);
    const missing = this.upcasts.filter(({ field }) => !written.has(field));
    if (missing.length > 0) return this.upcastingFrom(writer, missing);
    const resolver = this.type.createResolver(writer);
    return (bytes) => this.type.fromBuffer(bytes, resolver, true) as unknown;
  }

  /** Reads what the upcasts read as well, and hands on no more than the schema has. */
  private upcastingFrom(writer: avro.Type, upcasts: readonly Upcast[]): Reading {
    const widened = typeOf(this.widened(upcasts));
    const resolver = widened.createResolver(writer);
    const fields = [...stateFieldsOf(this.type)];
    return (bytes) => {
      const { state, ...envelope } = Object(widened.fromBuffer(bytes, resolver, true)) as Decoded;
      const filled = new Map(upcasts.map((upcast) => [upcast.field, upcast.fill(state)]));
      const read = {
        ...envelope,
        state: Object.fromEntries(
          fields.map((field) => [field, filled.has(field) ? filled.get(field) : state[field]]),
        ),
      };
      if (!this.type.isValid(read))
        throw new TypeError(`an upcast of ${[...filled.keys()].join(', ')} made what its field cannot hold`);
      return read;
    };
  }

  private widened(upcasts: readonly Upcast[]): AvroRecordSchema {
    const has = stateFieldsOf(this.type);
    const wanted = new Set(upcasts.flatMap(({ reads }) => reads).filter((name) => !has.has(name)));
    const added = [...wanted].map((name) => this.fieldNamed(name));
    return {
      ...this.schema,
      fields: this.schema.fields.map((field) =>
        field.name === 'state' ? { ...field, type: withFields(stateSchema(this.schema), added) } : field,
      ),
    };
  }

  /** As the newest version has it that has it at all. */
  private fieldNamed(name: string): AvroField {
    const { schema, earlierSchemas = [] } = this.contract;
    for (const version of [schema, ...earlierSchemas.toReversed()]) {
      const field = stateSchema(version).fields.find((declared) => declared.name === name);
      if (field) return field;
    }
    throw new RangeError(`an upcast of stream ${this.contract.name} reads ${name}, which no version has`);
  }
}

interface Decoded {
  readonly state: Readonly<Record<string, unknown>>;
}

/** @throws Error when it is not Avro. */
export function typeOf(schema: AvroRecordSchema): avro.Type {
  // avsc takes any Avro JSON though its type says less; a wrong schema throws here, at start.
  const parsed: unknown = JSON.parse(JSON.stringify(schema));
  return avro.Type.forSchema(parsed as avro.Schema);
}

function stateFieldsOf(envelope: avro.Type): ReadonlySet<string> {
  const state = envelope instanceof avro.types.RecordType ? fieldType(envelope, 'state') : undefined;
  return new Set(state instanceof avro.types.RecordType ? state.fields.map(({ name }) => name) : []);
}

function fieldType(record: avro.types.RecordType, name: string): avro.Type | undefined {
  return record.fields.find((field) => field.name === name)?.type;
}

function withFields(record: AvroRecordSchema, added: readonly AvroField[]): AvroRecordSchema {
  return { ...record, fields: [...record.fields, ...added] };
}
