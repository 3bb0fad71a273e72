import { groupId, type ExtremeAddition, type GroupContribution, type GroupKey } from '@reprise/view';
import { extended, type Extent, type ScannedItem } from '@reprise/view-store';

export type StoredGroup = Extract<ScannedItem, { kind: 'group' }>;

interface GroupSum {
  readonly group: GroupKey;
  readonly measures: Record<string, number>;
  readonly extremes: Record<string, Extent>;
}

/** The most groups that are held for a check. */
const mostGroups = 1_000_000;

/** What groups come to, from what each entity contributes. */
export class GroupSums {
  private readonly groups = new Map<string, GroupSum>();

  /** @throws RangeError when there are too many groups to be held. */
  add({ group, measures, extremes }: GroupContribution): void {
    const known = this.sumOf(group);
    for (const [name, amount] of Object.entries(measures))
      known.measures[name] = (known.measures[name] ?? 0) + amount;
    for (const [name, value] of Object.entries(extremes))
      known.extremes[name] = extended(known.extremes[name], value);
  }

  set(stored: StoredGroup): void {
    const known = this.sumOf(stored.group);
    Object.assign(known.measures, stored.measures);
    Object.assign(known.extremes, stored.extremes);
  }

  /** Groups that are not the same in both, with what each has; sums of nothing count as no group. */
  differing(
    other: GroupSums,
  ): { group: GroupKey; expected: StoredGroup | undefined; actual: StoredGroup | undefined }[] {
    const ids = new Set([...this.groups.keys(), ...other.groups.keys()]);
    return [...ids].flatMap((id) => {
      const [expected, actual] = [this.stored(id), other.stored(id)];
      const group = expected?.group ?? actual?.group;
      return group && textOf(expected) !== textOf(actual) ? [{ group, expected, actual }] : [];
    });
  }

  private stored(id: string): StoredGroup | undefined {
    const found = this.groups.get(id);
    if (!found) return undefined;
    const { group, measures, extremes } = found;
    const isNothing =
      Object.keys(extremes).length === 0 && Object.values(measures).every((amount) => amount === 0);
    return isNothing ? undefined : { kind: 'group', group, measures, extremes };
  }

  private sumOf(group: GroupKey): GroupSum {
    const id = groupId(group);
    const known = this.groups.get(id);
    if (known) return known;
    if (this.groups.size >= mostGroups)
      throw new RangeError(`more than ${mostGroups} groups: too many to be checked`);
    const made: GroupSum = { group, measures: {}, extremes: {} };
    this.groups.set(id, made);
    return made;
  }
}

/** How many entities of some groups have which value, from what each entity contributes. */
export class GroupValues {
  private readonly counts = new Map<string, Map<string, ExtremeAddition>>();

  constructor(groups: readonly GroupKey[]) {
    for (const group of groups) this.counts.set(groupId(group), new Map());
  }

  add({ group, extremes }: GroupContribution): void {
    if (this.counts.size === 0) return;
    const counts = this.counts.get(groupId(group));
    if (counts)
      for (const [measure, value] of Object.entries(extremes)) count(counts, { measure, value, count: 1 });
  }

  /** What is to be added to what a group has, so that it has what it should. A value that nobody has is named as well. */
  missingFrom(held: readonly ExtremeAddition[], group: GroupKey): ExtremeAddition[] {
    const wanted = this.counts.get(groupId(group)) ?? new Map<string, ExtremeAddition>();
    const missing = new Map(wanted);
    for (const extreme of held) count(missing, { ...extreme, count: -extreme.count });
    const superfluous = (addition: ExtremeAddition): boolean => !wanted.has(valueId(addition));
    return [...missing.values()].filter((addition) => addition.count !== 0 || superfluous(addition));
  }
}

function count(counts: Map<string, ExtremeAddition>, addition: ExtremeAddition): void {
  const id = valueId(addition);
  counts.set(id, { ...addition, count: (counts.get(id)?.count ?? 0) + addition.count });
}

function valueId({ measure, value }: ExtremeAddition): string {
  return `${value} ${measure}`;
}

/** What a group has, as text; measures in the order of their names, zeros left out. */
export function textOf(stored: StoredGroup | undefined): string | null {
  if (!stored) return null;
  const measures = Object.entries(stored.measures).filter(([, amount]) => amount !== 0);
  return JSON.stringify({
    ...Object.fromEntries(measures.sort(byName)),
    ...Object.fromEntries(Object.entries(stored.extremes).sort(byName)),
  });
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
