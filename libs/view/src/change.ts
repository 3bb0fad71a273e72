import type { Contribution, GroupKey, Measures, RowContribution } from './definition.js';
import type { Projector } from './reference.js';

/** One entity as the log last told of it. `state` null: the entity is gone. */
export interface EntityRecord {
  readonly key: string;
  /** Undefined only for a tombstone of a foreign producer: it counts as newer than anything before it. */
  readonly version: number | undefined;
  readonly state: unknown;
}

/** What an entity has contributed so far. Kept for entities that are gone too: it is what stops a late, older write. */
export interface Contributed {
  readonly version: number;
  /** Keys of its rows. */
  readonly rows: readonly string[];
  readonly groups: readonly ContributedShare[];
  /** Ids of what it refers to: a change of any of them projects it again. */
  readonly references: readonly string[];
  /** What was projected, when the view has to know it again; otherwise, and for an entity that is gone, null. */
  readonly state: unknown;
}

export interface ContributedShare {
  readonly group: GroupKey;
  readonly measures: Measures;
  readonly extremes: Measures;
}

/**
 * The change algebra: idempotent verbs on rows, and additions to groups. `add` carries the difference between what the
 * entity contributes now and what its stored contribution says, so applying a batch again adds nothing.
 */
export type ViewChange<Row> =
  | {
      readonly kind: 'put';
      readonly entity: string;
      readonly version: number;
      readonly key: string;
      readonly row: Row;
      /** True: the store held nothing of the entity when this was planned, so nothing is there to be written over. */
      readonly isFirst?: boolean;
    }
  | { readonly kind: 'remove'; readonly entity: string; readonly version: number; readonly key: string }
  | GroupAddition;

export interface GroupAddition {
  readonly kind: 'add';
  readonly group: GroupKey;
  /** What to add to each sum. */
  readonly measures: Measures;
  readonly extremes: readonly ExtremeAddition[];
}

/** How many more entities of the group have this value (negative: fewer). The extremes are those that any entity has. */
export interface ExtremeAddition {
  readonly measure: string;
  readonly value: number;
  readonly count: number;
}

/** What an entity refers to now and did not before, and the reverse. */
export interface ReferenceLinks {
  readonly entity: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface PlannedChanges<Row> {
  readonly contributed: ReadonlyMap<string, Contributed>;
  readonly changes: readonly ViewChange<Row>[];
  /** For stores that keep an index of their own for references, rather than indexing the ledger. */
  readonly links: readonly ReferenceLinks[];
}

/** The newest record of each entity; of equal versions the later one. */
export function newestPerEntity<Told extends EntityRecord>(
  records: Iterable<Told>,
): ReadonlyMap<string, Told> {
  const newest = new Map<string, Told>();
  for (const record of records) {
    const known = newest.get(record.key)?.version;
    if (record.version !== undefined && known !== undefined && record.version < known) continue;
    newest.set(record.key, record.version === undefined ? { ...record, version: known } : record);
  }
  return newest;
}

/** A record of which it may be known already what it contributes. */
export type PlannedRecord<Row> = EntityRecord & { readonly contributions?: readonly Contribution<Row>[] };

/**
 * What has to change in a view, given the newest records and what each entity contributed before.
 * Older versions are passed over; an equal version is planned again (it changes nothing, and mends what a crash
 * between two writes of a store without transactions left half done).
 */
export function planChanges<Row>(
  view: Projector<Row>,
  newest: ReadonlyMap<string, PlannedRecord<Row>>,
  prior: ReadonlyMap<string, Contributed>,
): PlannedChanges<Row> {
  const contributed = new Map<string, Contributed>();
  const changes: ViewChange<Row>[] = [];
  const links: ReferenceLinks[] = [];
  const groups = new GroupAdditions();
  for (const record of newest.values()) {
    const { key: entity, state } = record;
    const before = prior.get(entity) ?? nothing;
    const isFirst = before === nothing;
    const version = record.version ?? before.version + 1;
    if (version < before.version) continue;
    const contributions = state === null ? none : (record.contributions ?? view.project(state));
    const rows = rowsOf(contributions);
    const after = contributedBy(view, { version, state, rows, contributions });
    for (const key of goneKeys(before, after)) changes.push({ kind: 'remove', entity, version, key });
    for (const { key, row } of rows) changes.push({ kind: 'put', entity, version, key, row, isFirst });
    const moved = linksOf(entity, before.references, after.references);
    if (moved) links.push(moved);
    groups.add(before, -1);
    groups.add(after, 1);
    contributed.set(entity, after);
  }
  for (const addition of groups.changes()) changes.push(addition);
  return { contributed, changes, links };
}

const nothing: Contributed = { version: 0, rows: [], groups: [], references: [], state: null };
const none: readonly never[] = [];

/** Its rows; of several with the same key the last one. Most views have one for each entity: that needs no map. */
function rowsOf<Row>(contributions: readonly Contribution<Row>[]): readonly RowContribution<Row>[] {
  const [first] = contributions;
  if (contributions.length < 2) return first?.kind === 'row' ? [first] : none;
  const rows = new Map<string, RowContribution<Row>>();
  for (const contribution of contributions)
    if (contribution.kind === 'row') rows.set(contribution.key, contribution);
  return [...rows.values()];
}

/** With as few objects as can be: there is one for each entity of each batch. */
function contributedBy(
  view: Projector<unknown>,
  { version, state, rows, contributions }: Planned,
): Contributed {
  const isKept = state !== null && view.keepsState;
  return {
    version,
    rows: rows.length === 0 ? none : rows.map(({ key }) => key),
    groups: rows.length === contributions.length ? none : sharesOf(contributions),
    references: isKept ? view.referencesOf(state) : none,
    state: isKept ? state : null,
  };
}

interface Planned {
  readonly version: number;
  readonly state: unknown;
  readonly rows: readonly RowContribution<unknown>[];
  readonly contributions: readonly Contribution<unknown>[];
}

function sharesOf(contributions: readonly Contribution<unknown>[]): ContributedShare[] {
  const shares: ContributedShare[] = [];
  for (const contribution of contributions) {
    if (contribution.kind === 'row') continue;
    const { group, measures, extremes } = contribution;
    shares.push({ group, measures, extremes });
  }
  return shares;
}

/** Keys of rows that it has no more. */
function goneKeys(before: Contributed, after: Contributed): readonly string[] {
  if (before.rows.length === 0) return before.rows;
  const kept = new Set(after.rows);
  return before.rows.filter((key) => !kept.has(key));
}

function linksOf(
  entity: string,
  before: readonly string[],
  after: readonly string[],
): ReferenceLinks | undefined {
  if (before.length === 0 && after.length === 0) return undefined;
  const added = after.filter((id) => !before.includes(id));
  const removed = before.filter((id) => !after.includes(id));
  return added.length > 0 || removed.length > 0 ? { entity, added, removed } : undefined;
}

interface GroupSum {
  readonly group: GroupKey;
  readonly measures: Record<string, number>;
  /** By measure and value. */
  readonly extremes: Map<string, ExtremeAddition>;
}

/** Adds up what a batch does to each group, so that a group is written once, and not at all when it comes to nothing. */
class GroupAdditions {
  private readonly sums = new Map<string, GroupSum>();

  add({ groups }: Contributed, sign: 1 | -1): void {
    for (const { group, measures, extremes } of groups) {
      const sum = this.sumOf(group);
      for (const [measure, amount] of Object.entries(measures)) {
        sum.measures[measure] = (sum.measures[measure] ?? 0) + sign * amount;
      }
      for (const [measure, value] of Object.entries(extremes)) {
        const id = `${measure}=${value}`;
        sum.extremes.set(id, { measure, value, count: (sum.extremes.get(id)?.count ?? 0) + sign });
      }
    }
  }

  changes(): GroupAddition[] {
    return [...this.sums.values()]
      .map(({ group, measures, extremes }): GroupAddition => {
        const moved = [...extremes.values()].filter(({ count }) => count !== 0);
        return { kind: 'add', group, measures, extremes: moved };
      })
      .filter(
        ({ measures, extremes }) =>
          extremes.length > 0 || Object.values(measures).some((amount) => amount !== 0),
      );
  }

  private sumOf(group: GroupKey): GroupSum {
    const id = groupId(group);
    const known = this.sums.get(id);
    if (known) return known;
    const sum: GroupSum = { group, measures: {}, extremes: new Map() };
    this.sums.set(id, sum);
    return sum;
  }
}

/** A text that is the same for equal group keys, whatever the order of their columns. */
export function groupId(group: GroupKey): string {
  return JSON.stringify(Object.entries(group).sort(([left], [right]) => (left < right ? -1 : 1)));
}
