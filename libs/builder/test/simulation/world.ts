import type { Envelope, StreamContract } from '@reprise/contracts';
import { CodedError, partitionId, type Positions } from '@reprise/kernel';
import type { ReadRecord } from '@reprise/log';
import { row, share, type AnyView } from '@reprise/view';

export const partitions = ['events/0', 'events/1'] as const;
export const referencePartition = partitionId({ topic: 'names', partition: 0 });

/** An entity of the simulated world. */
export interface Thing {
  /** The entity's version, so that readers can tell old from new. */
  readonly version: number;
  /** The entity's. */
  readonly key: string;
  readonly shelf: string;
  readonly size: number;
  /** Key of what it refers to. */
  readonly name: string;
  /** Cannot be projected (or folded) until the world is healed. */
  readonly isPoison: boolean;
}

export interface SimRow {
  readonly version: number;
  readonly size: number;
  readonly label: string | null;
}

export interface LoggedRecord extends ReadRecord {
  /** Version of the event that it keeps, in a history: what is compacted by itself. */
  readonly event?: number;
  readonly envelope: Envelope<Thing> | 'undecodable' | null;
}

export interface NameRecord {
  readonly offset: bigint;
  readonly key: string;
  readonly version: number;
  /** `<key>:<version>`; null: gone. */
  readonly label: string | null;
}

/** The log, with the stream that the view joins. The stores and their letters are beside it. */
export class World {
  readonly logs = new Map<string, LoggedRecord[]>(partitions.map((id) => [id, []]));
  readonly ends = new Map<string, bigint>(partitions.map((id) => [id, 0n]));
  readonly names: NameRecord[] = [];
  /** What could not be decoded or projected now can be. */
  isHealed = false;
  private readonly decoded = new Map<Uint8Array, Envelope<Thing> | 'undecodable'>();
  private readonly versions = new Map<string, number>();
  /** Entities that are there. */
  private readonly alive = new Set<string>();
  private nameVersion = 0;

  constructor(
    /** erased: a history whose events go with their entity. */
    readonly kind: 'states' | 'history' | 'erased',
    /** Whether the stores keep groups. */
    readonly hasGroups: boolean,
    /** Of states alone: whether the view joins nothing, and most entities have a row of their own and nothing else. */
    readonly isPlain: boolean,
  ) {}

  append(partition: string, key: string, thing: Omit<Thing, 'version' | 'key'> | 'undecodable' | null): void {
    const version = (this.versions.get(key) ?? 0) + 1;
    this.versions.set(key, version);
    const state = { ...(thing === null || thing === 'undecodable' ? anything : thing), key, version };
    const envelope: Envelope<Thing> = {
      event: 'ThingTold',
      version,
      occurredAt: 0,
      changed: this.alive.has(key) ? [] : [erasedKey],
      deleted: false,
      state,
    };
    this.alive.add(key);
    const value = thing === null ? null : Buffer.of(0);
    if (value) this.decoded.set(value, envelope);
    if (value && thing === 'undecodable') this.undecodable.add(value);
    const event = this.kind === 'states' ? {} : { event: version };
    this.write(partition, {
      key,
      ...event,
      value,
      entityVersion: version,
      envelope: value ? envelope : null,
    });
  }

  /** The event that deletes, and a tombstone for each event that there was. */
  erase(partition: string, key: string): void {
    if (!this.alive.delete(key)) return;
    const version = (this.versions.get(key) ?? 0) + 1;
    this.versions.set(key, version);
    const state = { ...anything, key, version };
    const envelope = { event: 'ThingGone', version, occurredAt: 0, changed: [], deleted: true, state };
    const value = Buffer.of(0);
    this.decoded.set(value, envelope);
    this.write(partition, { key, event: version, value, entityVersion: version, envelope });
    for (let event = 1; event <= version; event += 1)
      this.write(partition, { key, event, value: null, entityVersion: version, envelope: null });
  }

  readonly undecodable = new Set<Uint8Array>();

  /** The last record of a partition comes again, as a relay does that crashed before it knew. */
  repeat(partition: string): void {
    const last = this.logs.get(partition)?.at(-1);
    if (last) this.write(partition, last);
  }

  /** Some record of a partition comes again, behind newer ones. */
  goBack(partition: string, below: (bound: number) => number): void {
    const records = this.logs.get(partition) ?? [];
    const old = records[below(Math.max(1, records.length))];
    if (old) this.write(partition, old);
  }

  /** Keeps the newest record of each record key, whatever was read. Offsets stay. */
  compact(partition: string): void {
    const records = this.logs.get(partition) ?? [];
    const idOf = ({ key, event }: LoggedRecord): string => `${key}/${event ?? ''}`;
    const newest = new Map(records.map((record) => [idOf(record), record.offset]));
    this.logs.set(
      partition,
      records.filter((record) => newest.get(idOf(record)) === record.offset),
    );
  }

  tellName(key: string, isGone: boolean): void {
    this.nameVersion += 1;
    const version = this.nameVersion;
    const label = isGone ? null : `${key}:${version}`;
    this.names.push({ offset: BigInt(this.names.length), key, version, label });
  }

  decode(value: Uint8Array): Envelope<Thing> {
    const envelope = this.decoded.get(value);
    if (envelope && envelope !== 'undecodable' && (this.isHealed || !this.undecodable.has(value)))
      return envelope;
    throw new CodedError('record-undecodable', 'not to be read', { decision: 'set-aside' });
  }

  endPositions(): Positions {
    return new Map(this.ends);
  }

  labelOf(key: string): string | null {
    return this.names.findLast((name) => name.key === key)?.label ?? null;
  }

  private write(partition: string, record: Omit<LoggedRecord, 'offset' | 'timestampMs'>): void {
    const offset = this.ends.get(partition) ?? 0n;
    this.ends.set(partition, offset + 1n);
    this.logs.get(partition)?.push({ ...record, offset, timestampMs: 0 });
  }
}

const erasedKey = 'id';
/** Folds depend on the order of events, and their sums stay exact however many events there are. */
const foldsBelow = 1_000_003;
const anything: Thing = { version: 0, key: '', shelf: 's0', size: 1, name: 'n0', isPoison: false };

function contract(name: string, retention: StreamContract<unknown>['retention']): StreamContract<unknown> {
  return {
    name,
    topic: name,
    subject: `${name}-value`,
    partitions: 2,
    retention,
    settings: {},
    schema: { type: 'record', name, fields: [] },
  };
}

/** Rows under changing keys, a group of each label, and a joined name; or the same over a fold of all sizes. */
export function viewOf(world: World): AnyView<SimRow> {
  const contributions = (thing: Thing, label: string | null) => [
    row(thing.shelf, { version: thing.version, size: thing.size, label }),
    row(`${thing.shelf}-second`, { version: thing.version, size: -thing.size, label }),
    ...(world.hasGroups
      ? [share({ label: label ?? '' }, { things: 1, size: thing.size }, { size: thing.size })]
      : []),
  ];
  const refuse = (thing: Thing): void => {
    if (thing.isPoison && !world.isHealed) throw new Error('poison');
  };
  const common = { name: 'sim', version: 1, fields: [] };
  if (world.kind !== 'states') {
    return {
      ...common,
      source: contract('events', 'history'),
      references: [],
      code: [],
      fold: {
        initial: 1,
        ...(world.kind === 'erased' && { erasedKey }),
        evolve: (folded, { state }) => {
          const thing = state as Thing;
          refuse(thing);
          return (Number(folded) * 3 + thing.size) % foldsBelow;
        },
      },
      project: (folded) => contributions({ ...anything, size: Number(folded) }, null),
    };
  }
  const named = { name: 'named', by: 'name', source: contract('names', 'compacted'), fields: [] };
  return {
    ...common,
    source: contract('events', 'compacted'),
    references: world.isPlain ? [] : [named],
    fold: undefined,
    code: [],
    project: (entity, joined) => {
      const thing = entity as Thing;
      refuse(thing);
      if (world.isPlain && !isOdd(thing)) return [ownRow(thing)];
      const label = world.isPlain ? undefined : joined['named'];
      return contributions(thing, typeof label === 'string' ? label : null);
    },
  };
}

/** One of those that have more than their own row in a view that joins nothing. */
function isOdd({ shelf, size }: Thing): boolean {
  return shelf === 's0' && size > 2;
}

function ownRow({ key, version, size }: Thing) {
  return row(key, { version, size, label: null });
}

/** @throws TypeError when it is not a row of the simulation. */
export function parseSimRow(stored: unknown): SimRow {
  if (
    typeof stored === 'object' &&
    stored !== null &&
    'version' in stored &&
    'size' in stored &&
    'label' in stored
  ) {
    const { version, size, label } = stored;
    if (
      typeof version === 'number' &&
      typeof size === 'number' &&
      (label === null || typeof label === 'string')
    )
      return { version, size, label };
  }
  throw new TypeError(`not a row of the simulation: ${JSON.stringify(stored)}`);
}
