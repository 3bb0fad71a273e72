import { createHash } from 'node:crypto';
import type { ViewBatch } from '@reprise/view-store';
import type { Contributed, ViewChange } from '@reprise/view';
import { failure } from './failures.js';

/**
 * What the rows index holds: one *ledger document* per entity that was ever seen, whose id is the entity's key. It says
 * what the entity contributed, and carries the row whose key is the entity's key, so that the usual view (one row per
 * entity, under the same key) has one document a row. Every further row has a document of its own.
 *
 * kind `row`: a reader sees it. `ledger`: an entity without a row under its own key. `removed`: stands where a row was,
 * at the version that removed it, so that a late, older write finds something newer.
 */
export interface RowDocument {
  readonly kind: 'row' | 'ledger' | 'removed';
  readonly entity: string;
  readonly key?: string;
  readonly row?: unknown;
  readonly ledger?: Ledger;
}

export interface Ledger {
  readonly version: number;
  /** Keys of the entity's rows. */
  readonly rows: readonly string[];
}

/** All that a batch writes for one entity. */
export interface EntityWrites {
  readonly entity: string;
  readonly version: number;
  /**
   * The ledger as it must stand before any of `rows` is written: it lists those that come and those that go, so that a
   * crash in between leaves no row that nobody knows of. Undefined when no row of its own document comes.
   */
  readonly intent: RowDocument | undefined;
  /** Rows with documents of their own, and what stands in for removed ones. */
  readonly rows: readonly RowDocument[];
  readonly ledger: RowDocument;
}

type RowChange = Exclude<ViewChange<unknown>, { kind: 'add' }>;

/** @throws CodedError `groups-unsupported` when the batch adds to groups. */
export function entityWrites(batch: Pick<ViewBatch<unknown>, 'contributed' | 'changes'>): EntityWrites[] {
  const changes = Map.groupBy(rowChanges(batch), ({ entity }) => entity);
  return [...batch.contributed].map(([entity, after]) => writesOf(entity, after, changes.get(entity) ?? []));
}

function writesOf(entity: string, after: Contributed, changes: readonly RowChange[]): EntityWrites {
  const own = changes.find(({ key }) => key === entity);
  const others = changes.filter(({ key }) => key !== entity);
  const ledgerDocument = (rows: readonly string[]): RowDocument => ({
    entity,
    ...(own?.kind === 'put' ? { kind: 'row', key: entity, row: own.row } : { kind: 'ledger' }),
    ledger: { version: after.version, rows },
  });
  const isAnyNew = others.some(({ kind }) => kind === 'put');
  return {
    entity,
    version: after.version,
    intent: isAnyNew ? ledgerDocument([...new Set(changes.map(({ key }) => key))]) : undefined,
    rows: others.map((change) => rowDocument(change)),
    ledger: ledgerDocument(after.rows),
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
}: Pick<ViewBatch<unknown>, 'contributed' | 'changes'>): Iterable<RowChange> {
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
  const rows = property(ledger, 'rows');
  if (typeof version === 'number' && Array.isArray(rows) && rows.every((key) => typeof key === 'string')) {
    return { version, rows };
  }
  throw failure('elasticsearch-unexpected', `not a ledger document: ${JSON.stringify(stored)}`);
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
