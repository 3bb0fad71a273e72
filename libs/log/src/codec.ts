import { Agent } from 'node:https';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { readerSchema, type AvroRecordSchema, type Envelope, type StreamContract } from '@reprise/contracts';
import avro from 'avsc';
import { logError } from './errors.js';
import type { LogConnection } from './connection.js';
import { SchemaReader, typeOf, type Reading } from './schema-reader.js';
import { whileAway } from './while-away.js';

const magicByte = 0;
const prefixBytes = 5;
/** A request to the registry that takes longer has failed. */
const registryLimitMs = 10_000;

/** The part of an envelope that tells an entity's state. */
export type EntityState = Pick<Envelope<unknown>, 'version' | 'deleted' | 'state'>;

/** Turns envelopes into registry-framed Avro (Confluent wire format: a zero byte, the schema's id, the value). */
export class StreamEncoder<State> {
  private constructor(
    private readonly contract: StreamContract<State>,
    private readonly type: avro.Type,
    private readonly prefix: Buffer,
  ) {}

  /**
   * Waits for a registry that is away.
   * @throws CodedError `contract-unregistered` when the registry does not know this very schema (contracts are registered
   * at deployment, never at run time).
   */
  static async open<State>(
    contract: StreamContract<State>,
    connection: LogConnection,
  ): Promise<StreamEncoder<State>> {
    const prefix = Buffer.alloc(prefixBytes);
    prefix.writeInt32BE(await whileAway(() => registeredId(contract, connection), connection), 1);
    return new StreamEncoder(contract, typeOf(contract.schema), prefix);
  }

  /** @throws CodedError `value-not-of-contract` naming the field that is not what the schema says. */
  encode(envelope: Envelope<State>): Buffer {
    try {
      return Buffer.concat([this.prefix, this.type.toBuffer(envelope)]);
    } catch (cause) {
      throw logError(
        'value-not-of-contract',
        `an event of stream ${this.contract.name} does not fit its schema`,
        cause,
      );
    }
  }
}

/**
 * Reads registry-framed Avro of one stream, written by any version of its schema. Only the declared fields of the state
 * are decoded: they make the reader schema, and the rest of the bytes is skipped.
 */
export class StreamDecoder<Read> {
  private readonly registry: SchemaRegistry;
  private readonly reader: SchemaReader;
  private readonly readings = new Map<number, Reading>();

  private constructor(
    private readonly contract: StreamContract<unknown>,
    connection: LogConnection,
    schema: AvroRecordSchema,
  ) {
    this.registry = openRegistry(connection);
    this.reader = new SchemaReader(contract, schema);
  }

  /** Reads the whole state. */
  static whole<State>(contract: StreamContract<State>, connection: LogConnection): StreamDecoder<State> {
    return new StreamDecoder(contract, connection, contract.schema);
  }

  /** Reads only these fields of the state; whoever takes them knows their types. */
  static fields<Read = unknown>(
    contract: StreamContract<unknown>,
    connection: LogConnection,
    fields: readonly string[],
  ): StreamDecoder<Read> {
    return new StreamDecoder(contract, connection, readerSchema(contract.schema, fields));
  }

  /** Reads only what tells an entity's state: its version, whether it is gone, and these fields. */
  static states(
    contract: StreamContract<unknown>,
    connection: LogConnection,
    fields: readonly string[],
  ): StreamDecoder<unknown> {
    const schema = readerSchema(contract.schema, fields);
    const needed = schema.fields.filter(({ name }) => ['version', 'deleted', 'state'].includes(name));
    return new StreamDecoder(contract, connection, { ...schema, fields: needed });
  }

  /** What {@link states} reads, at once: undefined when the writer's schema has to be fetched first. */
  decodeState(value: Buffer): EntityState | undefined {
    const id = this.schemaId(value);
    const reading = this.readings.get(id);
    return reading && this.read(value, id, reading);
  }

  /**
   * @throws CodedError `record-undecodable` when the bytes are not what a registered schema says they are,
   * `registry-unavailable` when the writer's schema cannot be fetched.
   */
  async decode(value: Buffer): Promise<Envelope<Read>> {
    const id = this.schemaId(value);
    return this.read(value, id, this.readings.get(id) ?? (await this.readingOf(id)));
  }

  /** The same at once where it can be: a promise only when the writer's schema has to be fetched first. @throws as {@link decode}. */
  decodeSoon(value: Buffer): Envelope<Read> | Promise<Envelope<Read>> {
    const id = this.schemaId(value);
    const reading = this.readings.get(id);
    return reading ? this.read(value, id, reading) : this.decode(value);
  }

  private read(value: Buffer, id: number, reading: Reading): Envelope<Read> {
    try {
      // The reader was made from the contract, so what it returns has the contract's type.
      return reading(value.subarray(prefixBytes)) as Envelope<Read>;
    } catch (cause) {
      throw logError(
        'record-undecodable',
        `a record of ${this.contract.topic} is not what schema ${id} says`,
        cause,
      );
    }
  }

  private schemaId(value: Buffer): number {
    if (value.length < prefixBytes || value[0] !== magicByte) {
      throw logError('record-undecodable', `a record of ${this.contract.topic} is not registry-framed Avro`);
    }
    return value.readInt32BE(1);
  }

  private async readingOf(id: number): Promise<Reading> {
    const writer = await this.writerType(id);
    try {
      const reading = this.reader.readingOf(writer);
      this.readings.set(id, reading);
      return reading;
    } catch (cause) {
      throw logError(
        'record-undecodable',
        `schema ${id} cannot be read as stream ${this.contract.name}`,
        cause,
      );
    }
  }

  private async writerType(id: number): Promise<avro.Type> {
    try {
      const schema = await this.registry.getSchema(id);
      if (schema instanceof avro.Type) return schema;
    } catch (cause) {
      if (isNotFound(cause)) throw logError('record-undecodable', `the registry has no schema ${id}`, cause);
      throw logError('registry-unavailable', `schema ${id} could not be fetched`, cause);
    }
    throw logError('record-undecodable', `schema ${id} is not Avro`);
  }
}

export function openRegistry({
  registryUrl,
  clientId,
  registryCa,
  registryAuth,
}: LogConnection): SchemaRegistry {
  return new SchemaRegistry({
    host: registryUrl,
    clientId,
    ...(registryAuth && { auth: { ...registryAuth } }),
    ...(registryCa !== undefined && { agent: new Agent({ ca: registryCa, keepAlive: true }) }),
    retry: { retries: 3 },
    middlewares: [
      () => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: registryLimitMs }) }),
    ],
  });
}

async function registeredId(contract: StreamContract<unknown>, connection: LogConnection): Promise<number> {
  try {
    return await openRegistry(connection).getRegistryIdBySchema(contract.subject, {
      type: SchemaType.AVRO,
      schema: JSON.stringify(contract.schema),
    });
  } catch (cause) {
    if (isNotFound(cause)) {
      throw logError(
        'contract-unregistered',
        `the registry does not know this schema of ${contract.subject}`,
        cause,
      );
    }
    throw logError('registry-unavailable', `the schema of ${contract.subject} could not be looked up`, cause);
  }
}

function isNotFound(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'status' in cause && cause.status === 404;
}
