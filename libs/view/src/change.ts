import type { AnyView, Contribution, GroupKey, Measures } from './definition.js';

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
  readonly groups: readonly { readonly group: GroupKey; readonly measures: Measures }[];
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
    }
  | { readonly kind: 'remove'; readonly entity: string; readonly version: number; readonly key: string }
  | { readonly kind: 'add'; readonly group: GroupKey; readonly measures: Measures };

export interface PlannedChanges<Row> {
  readonly contributed: ReadonlyMap<string, Contributed>;
  readonly changes: readonly ViewChange<Row>[];
}

/** The newest record of each entity; of equal versions the later one. */
export function newestPerEntity(records: Iterable<EntityRecord>): ReadonlyMap<string, EntityRecord> {
  const newest = new Map<string, EntityRecord>();
  for (const record of records) {
    const known = newest.get(record.key)?.version;
    if (record.version !== undefined && known !== undefined && record.version < known) continue;
    newest.set(record.key, record.version === undefined ? { ...record, version: known } : record);
  }
  return newest;
}

/**
 * What has to change in a view, given the newest records and what each entity contributed before.
 * Older versions are passed over; an equal version is planned again (it changes nothing, and mends what a crash
 * between two writes of a store without transactions left half done).
 */
export function planChanges<Row>(
  view: Pick<AnyView<Row>, 'project'>,
  newest: ReadonlyMap<string, EntityRecord>,
  prior: ReadonlyMap<string, Contributed>,
): PlannedChanges<Row> {
  const contributed = new Map<string, Contributed>();
  const changes: ViewChange<Row>[] = [];
  const groups = new GroupAdditions();
  for (const [entity, record] of newest) {
    const before = prior.get(entity) ?? nothing;
    const version = record.version ?? before.version + 1;
    if (version < before.version) continue;
    const contributions = record.state === null ? [] : view.project(record.state);
    const after = contributedBy(contributions, version);
    changes.push(...rowChanges(entity, contributions, { before, after }));
    groups.add(before, -1);
    groups.add(after, 1);
    contributed.set(entity, after);
  }
  return { contributed, changes: [...changes, ...groups.changes()] };
}

const nothing: Contributed = { version: 0, rows: [], groups: [] };

function contributedBy(contributions: readonly Contribution<unknown>[], version: number): Contributed {
  const rows = new Set<string>();
  const groups: Contributed['groups'][number][] = [];
  for (const contribution of contributions) {
    if (contribution.kind === 'row') rows.add(contribution.key);
    else groups.push({ group: contribution.group, measures: contribution.measures });
  }
  return { version, rows: [...rows], groups };
}

function rowChanges<Row>(
  entity: string,
  contributions: readonly Contribution<Row>[],
  { before, after }: { before: Contributed; after: Contributed },
): ViewChange<Row>[] {
  const { version } = after;
  const kept = new Set(after.rows);
  const removed = before.rows.filter((key) => !kept.has(key));
  const puts = new Map<string, ViewChange<Row>>();
  for (const contribution of contributions) {
    if (contribution.kind === 'row') {
      puts.set(contribution.key, {
        kind: 'put',
        entity,
        version,
        key: contribution.key,
        row: contribution.row,
      });
    }
  }
  return [...removed.map((key) => ({ kind: 'remove', entity, version, key }) as const), ...puts.values()];
}

/** Adds up what a batch does to each group, so that a group is written once, and not at all when it comes to nothing. */
class GroupAdditions {
  private readonly sums = new Map<string, { group: GroupKey; measures: Record<string, number> }>();

  add({ groups }: Contributed, sign: 1 | -1): void {
    for (const { group, measures } of groups) {
      const sum = this.sumOf(group);
      for (const [measure, amount] of Object.entries(measures)) {
        sum[measure] = (sum[measure] ?? 0) + sign * amount;
      }
    }
  }

  changes(): ViewChange<never>[] {
    return [...this.sums.values()]
      .filter(({ measures }) => Object.values(measures).some((amount) => amount !== 0))
      .map(({ group, measures }) => ({ kind: 'add', group, measures }));
  }

  private sumOf(group: GroupKey): Record<string, number> {
    const id = groupId(group);
    const known = this.sums.get(id);
    if (known) return known.measures;
    const sum = { group, measures: {} };
    this.sums.set(id, sum);
    return sum.measures;
  }
}

/** A text that is the same for equal group keys, whatever the order of their columns. */
export function groupId(group: GroupKey): string {
  return JSON.stringify(Object.entries(group).sort(([left], [right]) => (left < right ? -1 : 1)));
}
