import { createHash } from 'node:crypto';
import type { ViewBatch } from '@reprise/view-store';
import type { Contributed, ViewChange } from '@reprise/view';
import { parsePartitionId } from '@reprise/kernel';
import type { GuardedDocument } from './bulk.js';
import { failure } from './failures.js';

/**
 * What the rows index holds: one *ledger document* per entity that was ever seen, whose id is the entity's key. It says
 * what the entity contributed, and carries the row whose key is the entity's key, so that the usual view (one row per
 * entity, under the same key) has one document a row. Every further row has a document of its own.
 *
 * kind `row`: a reader sees it. `ledger`: an entity without a row under its own key. `removed`: stands where a row was,
 * at the version that removed it, so that a late, older write finds something newer. Beside these there is one for each load of a
 * partition, see {@link loadMark}.
 */
export interface RowDocument {
  readonly kind: 'row' | 'ledger' | 'removed';
  readonly entity: string;
  readonly key?: string;
  readonly row?: unknown;
  readonly ledger?: Ledger;
  /** By the number of the source partition: the next offset after the batch that wrote it. A load leaves it out, see {@link loadMark}. */
  readonly upTo?: Readonly<Record<string, number>>;
  /** The source partition of an entity that refers to something, and the ids of what it refers to: both are searched. */
  readonly partition?: string;
  readonly refers?: readonly string[];
}

export interface Ledger {
  readonly version: number;
  /** Counts the batches that wrote the entity: the version of its rows' own documents. */
  readonly revision: number;
  /** Keys of the entity's rows. */
  readonly rows: readonly string[];
  /** Ids of what it refers to. */
  readonly references?: readonly string[];
  /** What was projected, if the view needs it again. */
  readonly state?: unknown;
}

/** All that a batch writes for one entity. */
export interface EntityWrites {
  readonly entity: string;
  readonly version: number;
  readonly revision: number;
  /**
   * The ledger as it must stand before any of `rows` is written: it lists those that come and those that go, so that a
   * crash in between leaves no row that nobody knows of, and only who won it writes them. It changes nothing else of what
   * is there: should one of the rows be refused, the entity is still what it was. Undefined when there are none.
   */
  readonly intent: Intent | undefined;
  /** Rows with documents of their own, and what stands in for removed ones. */
  readonly rows: readonly RowDocument[];
  readonly ledger: RowDocument;
}

export interface Intent {
  readonly entity: string;
  readonly ledger: Pick<Ledger, 'revision' | 'rows'>;
}

/** An intent where there is no document yet: of an entity that was never seen. */
export function firstIntent({ entity, ledger }: Intent): RowDocument {
  return { kind: 'ledger', entity, ledger: { version: 0, ...ledger } };
}

type RowChange = Exclude<ViewChange<unknown>, { kind: 'add' }>;
type PlannedBatch = Pick<ViewBatch<unknown>, 'contributed' | 'changes'> & {
  readonly claim: Pick<ViewBatch<unknown>['claim'], 'partition'>;
  /** What all its documents are marked with. Left out by a load. */
  readonly upTo?: RowDocument['upTo'];
};

/**
 * @param revisionBefore The revision of what the batch was planned from; 0 when there was nothing.
 * @throws CodedError `groups-unsupported` when the batch adds to groups.
 */
export function entityWrites(
  batch: PlannedBatch,
  revisionBefore: (entity: string) => number,
): EntityWrites[] {
  const changes = Map.groupBy(rowChanges(batch), ({ entity }) => entity);
  const { partition } = batch.claim;
  const marked = batch.upTo && { upTo: batch.upTo };
  return [...batch.contributed].map(([entity, after]) =>
    writesOf(
      { entity, partition, after, revision: revisionBefore(entity) + 1, marked },
      changes.get(entity) ?? [],
    ),
  );
}

interface Written {
  readonly entity: string;
  readonly partition: string;
  readonly after: Contributed;
  readonly revision: number;
  readonly marked: Pick<RowDocument, 'upTo'> | undefined;
}

function writesOf(written: Written, changes: readonly RowChange[]): EntityWrites {
  const { entity, after, revision } = written;
  const own = changes.find(({ key }) => key === entity);
  const others = changes.filter(({ key }) => key !== entity);
  const announced = [...new Set([...changes.map(({ key }) => key), ...after.rows])];
  return {
    entity,
    version: after.version,
    revision,
    intent: others.length > 0 ? { entity, ledger: { revision, rows: announced } } : undefined,
    rows: others.map((change) => ({ ...rowDocument(change), ...written.marked })),
    ledger: ledgerDocument(written, own, after.rows),
  };
}

function ledgerDocument(
  { entity, partition, after, revision, marked }: Written,
  own: RowChange | undefined,
  rows: readonly string[],
): RowDocument {
  const { version, references, state } = after;
  const ledger: Ledger = {
    version,
    revision,
    rows,
    ...(references.length > 0 && { references }),
    ...(state !== null && { state }),
  };
  return {
    entity,
    ...(own?.kind === 'put' ? { kind: 'row', key: entity, row: own.row } : { kind: 'ledger' }),
    ledger,
    ...marked,
    ...(references.length > 0 && { partition, refers: references }),
  };
}

function rowDocument(change: RowChange): RowDocument {
  const { entity, key } = change;
  switch (change.kind) {
    case 'put':
      return { kind: 'row', entity, key, row: change.row };
    case 'remove':
      return { kind: 'removed', entity, key };
  }
}

function* rowChanges({
  contributed,
  changes,
}: Pick<PlannedBatch, 'contributed' | 'changes'>): Iterable<RowChange> {
  const refusal = 'Elasticsearch views hold rows only: sums per group need a store with transactions';
  for (const { groups } of contributed.values())
    if (groups.length > 0) throw failure('groups-unsupported', refusal);
  for (const change of changes) {
    if (change.kind === 'add') throw failure('groups-unsupported', refusal);
    yield change;
  }
}

/** The server's limit for an id, in bytes. */
const longestId = 512;

export function ledgerId(entity: string): string {
  return entity === '' || entity.includes(separator) ? hashedId([entity]) : shortened(entity, [entity]);
}

export function rowId(entity: string, key: string): string {
  if (entity === '' || entity.includes(separator)) return hashedId([entity, key]);
  return shortened(`${entity}${separator}${key}`, [entity, key]);
}

const separator = '\u0000';

function shortened(id: string, identity: readonly string[]): string {
  return Buffer.byteLength(id) <= longestId ? id : hashedId(identity);
}

/** Begins with the separator, as no other id does, so it can never be taken for one. */
function hashedId(identity: readonly string[]): string {
  return separator + createHash('sha256').update(JSON.stringify(identity)).digest('base64url');
}

/** @throws CodedError `elasticsearch-unexpected` when the document has no ledger of ours. */
export function parseLedger(stored: unknown): Ledger {
  const ledger = property(stored, 'ledger');
  const version = property(ledger, 'version');
  const revision = property(ledger, 'revision');
  const rows = property(ledger, 'rows');
  const references = property(ledger, 'references') ?? [];
  if (typeof version === 'number' && typeof revision === 'number' && isTexts(rows) && isTexts(references))
    return { version, revision, rows, references, state: property(ledger, 'state') ?? null };
  throw failure('elasticsearch-unexpected', `not a ledger document: ${JSON.stringify(stored)}`);
}

/** See {@link RowDocument.upTo}. */
export function markOf(partition: string, nextOffset: bigint): NonNullable<RowDocument['upTo']> {
  return { [parsePartitionId(partition).partition]: Number(nextOffset) };
}

/** Tells of all documents that the load of a partition brings where that ends: written before the first of them. Nobody's row. */
export function loadMark(partition: string, loadedTo: bigint): GuardedDocument {
  const offset = Number(loadedTo);
  return {
    id: hashedId(['loaded', partition, '']),
    // One that was begun anew ends later, if anything.
    guard: { kind: 'not-newer', revision: offset },
    source: { kind: 'loaded', loadedTo: { [parsePartitionId(partition).partition]: offset } },
    label: `load of ${partition}`,
  };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

/** The entity, key and row of a document of kind `row`; the row is not looked into. */
export function parseRowDocument(stored: unknown): { entity: string; key: string; row: unknown } {
  const entity = property(stored, 'entity');
  const key = property(stored, 'key');
  if (typeof entity === 'string' && typeof key === 'string')
    return { entity, key, row: property(stored, 'row') };
  throw failure('elasticsearch-unexpected', `not a row: ${JSON.stringify(stored)}`);
}

/** A property of something whose shape is not known; undefined when it has none. */
export function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
