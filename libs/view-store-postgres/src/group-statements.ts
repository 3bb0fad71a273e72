import { createHash } from 'node:crypto';
import { groupId, type ExtremeAddition, type GroupAddition, type GroupKey } from '@reprise/view';
import { quoted, type GenerationTables, type GroupLayout } from './layout.js';
import { prepared, type Queryable } from './prepared.js';

/** One function a statement. */
export async function createGroupTables(
  client: Queryable,
  tables: GenerationTables,
  { columns, measures }: GroupLayout,
): Promise<void> {
  const keys = Object.entries(columns).map(([name, type]) => `${quoted(name)} ${type} NOT NULL`);
  const sums = measures.map((name) => `${quoted(name)} bigint NOT NULL`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${tables.groups} (${['group_id uuid PRIMARY KEY', ...keys, ...sums].join(', ')})`,
  );
  await client.query(`CREATE TABLE IF NOT EXISTS ${tables.extremes} (
    group_id uuid NOT NULL, measure text NOT NULL, value bigint NOT NULL, entities bigint NOT NULL,
    PRIMARY KEY (group_id, measure, value))`);
}

/** An addition with its group's id, by which groups are locked in one order for all. */
export interface IdentifiedAddition extends GroupAddition {
  readonly id: string;
}

/** One for each group: of several batches, two may add to the same. */
export function identified(additions: readonly GroupAddition[]): IdentifiedAddition[] {
  const found = new Map<string, IdentifiedAddition>();
  for (const addition of additions) {
    const id = idOf(addition.group);
    const known = found.get(id);
    found.set(id, known ? { ...known, ...summed(known, addition) } : { ...addition, id });
  }
  return [...found.values()].sort((left, right) => (left.id < right.id ? -1 : 1));
}

function summed(left: GroupAddition, right: GroupAddition): Pick<GroupAddition, 'measures' | 'extremes'> {
  const measures: Record<string, number> = { ...left.measures };
  for (const [name, amount] of Object.entries(right.measures))
    measures[name] = (measures[name] ?? 0) + amount;
  const extremes = new Map<string, ExtremeAddition>();
  for (const extreme of [...left.extremes, ...right.extremes]) {
    const id = `${extreme.measure}=${extreme.value}`;
    extremes.set(id, { ...extreme, count: (extremes.get(id)?.count ?? 0) + extreme.count });
  }
  return { measures, extremes: [...extremes.values()] };
}

/** In the order of the groups' ids, the same for all: two partitions' transactions never wait for each other in a ring. */
export function addToGroups(
  client: Queryable,
  { groups: table }: GenerationTables,
  { layout, additions }: { layout: GroupLayout; additions: readonly IdentifiedAddition[] },
): Promise<unknown> {
  const keys = Object.entries(layout.columns);
  const names = ['group_id', ...keys.map(([name]) => name), ...layout.measures].map(quoted);
  const types = ['uuid', ...keys.map(([, type]) => type), ...layout.measures.map(() => 'bigint')];
  const sums = layout.measures.map(
    (name) => `${quoted(name)} = g.${quoted(name)} + excluded.${quoted(name)}`,
  );
  return prepared(
    client,
    `INSERT INTO ${table} AS g (${names.join(', ')})
     SELECT * FROM unnest(${types.map((type, place) => `$${place + 1}::${type}[]`).join(', ')}) AS n(${names.join(', ')})
     ORDER BY group_id
     ON CONFLICT (group_id) DO UPDATE SET ${sums.join(', ')}`,
    [
      additions.map(({ id }) => id),
      ...keys.map(([name]) => additions.map(({ group }) => group[name])),
      ...layout.measures.map((name) => additions.map(({ measures }) => measures[name] ?? 0)),
    ],
  );
}

/** Counts values in and out, in one order for all; a value that nobody has any more is removed. */
export function addToExtremes(
  client: Queryable,
  { extremes: table }: GenerationTables,
  additions: readonly IdentifiedAddition[],
): Promise<unknown>[] {
  const counted = additions.flatMap(({ id, extremes }) => extremes.map((extreme) => ({ id, ...extreme })));
  if (counted.length === 0) return [];
  const parameters = [
    counted.map(({ id }) => id),
    counted.map(({ measure }) => measure),
    counted.map(({ value }) => value),
  ];
  const add = prepared(
    client,
    `INSERT INTO ${table} AS x (group_id, measure, value, entities)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[]) AS n(group_id, measure, value, entities)
     ORDER BY group_id, measure, value
     ON CONFLICT (group_id, measure, value) DO UPDATE SET entities = x.entities + excluded.entities`,
    [...parameters, counted.map(({ count }) => count)],
  );
  // An addition of nothing takes away a value that nobody has.
  const isAnyLess = counted.some(({ count }) => count <= 0);
  if (!isAnyLess) return [add];
  const remove = prepared(
    client,
    `DELETE FROM ${table} x USING unnest($1::uuid[], $2::text[], $3::bigint[]) AS n(group_id, measure, value)
     WHERE x.group_id = n.group_id AND x.measure = n.measure AND x.value = n.value AND x.entities = 0`,
    parameters,
  );
  return [add, remove];
}

/**
 * Removes those of the groups that nobody contributes to any more: their keys may name what has to be forgotten. Who adds to
 * one at the same time waits for its row, and makes it anew.
 */
export async function removeEmptyGroups(
  client: Queryable,
  { groups, extremes }: GenerationTables,
  { layout, additions }: { layout: GroupLayout; additions: readonly IdentifiedAddition[] },
): Promise<void> {
  const lessened = additions.filter(({ measures }) => Object.values(measures).some((amount) => amount < 0));
  if (lessened.length === 0) return;
  const isZero = layout.measures.map((name) => `g.${quoted(name)} = 0`);
  await prepared(
    client,
    `DELETE FROM ${groups} g USING unnest($1::uuid[]) AS n(group_id)
     WHERE ${['g.group_id = n.group_id', ...isZero].join(' AND ')}
       AND NOT EXISTS (SELECT FROM ${extremes} x WHERE x.group_id = g.group_id)`,
    [lessened.map(({ id }) => id)],
  );
}

/** A group's key in 16 bytes. */
export function idOf(group: GroupKey): string {
  return createHash('md5').update(groupId(group)).digest('hex');
}
