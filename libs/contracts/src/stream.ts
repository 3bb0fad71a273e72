/** An Avro schema as parsed JSON. */
export type AvroSchema =
  string | readonly AvroSchema[] | { readonly type: AvroSchema; readonly [attribute: string]: unknown };

/** An Avro record schema as parsed JSON. */
export interface AvroRecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: unknown;
  readonly doc?: string;
  readonly default?: unknown;
}

/**
 * How a field of the state that a version added is filled in what was written before it, where its default would tell
 * something wrong. Pure. What it returns must be valid for the field.
 */
export interface Upcast {
  /** Name of the field. Records whose writer knew it are left as they are. */
  readonly field: string;
  /** The fields that it is made from. Each must have been there in every version that has not `field`. */
  readonly reads: readonly string[];
  fill(state: Readonly<Record<string, unknown>>): unknown;
}

/**
 * One stream as `schemas/<name>/` declares it. `State` is the entity's state inside the envelope.
 * Source of truth: the folder; this object is generated from it.
 */
export interface StreamContract<State> {
  readonly name: string;
  readonly topic: string;
  /** The registry subject of the value: `<topic>-value`. */
  readonly subject: string;
  /** Never changes once the stream exists: growing means copying to a new stream. */
  readonly partitions: number;
  /** compacted: the newest state per key is kept. history: every event is kept, each under a record key of its own. */
  readonly retention: 'compacted' | 'history';
  /** Name of the state's field by which its entity is addressed. */
  readonly key?: string;
  /** Of a history: the events of an entity go when it is deleted. Otherwise they stay for ever. */
  readonly erasedWhenDeleted?: boolean;
  /** Topic settings, as the broker names them. */
  readonly settings: Readonly<Record<string, string>>;
  readonly schema: AvroRecordSchema;
  /** The published versions before `schema`, oldest first: what lies in the log may be written by any of them. */
  readonly earlierSchemas?: readonly AvroRecordSchema[];
  /** What a default cannot fill in a state that an earlier version wrote. */
  readonly upcasts?: readonly Upcast[];
  /** Present in the type only: ties the contract to its entity's state. */
  readonly stateOf?: State;
}

/** What every event carries: the fact's name, what it changed, and the entity's full state after it. */
export interface Envelope<State> {
  /** Past-tense name of the fact, as `FlightDeparted`. */
  readonly event: string;
  /** 1, 2, 3 … per entity, without gaps; goes on after a deletion. */
  readonly version: number;
  /** Epoch milliseconds, UTC. */
  readonly occurredAt: number;
  /** Names of the state's fields that this fact changed. */
  readonly changed: readonly string[];
  /** True for the fact after which the entity is gone; a tombstone follows it. */
  readonly deleted: boolean;
  readonly state: State;
}
