import { CodedError, hasReached, type Positions } from '@reprise/kernel';
import { groupId, type ExtremeAddition, type GroupKey } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import { bucketCount, bucketOf, Digests } from './digests.js';
import { GroupSums, GroupValues, textOf, type StoredGroup } from './group-sums.js';
import { visitPages, type Side, type ToldEntity, type Visitor } from './sides.js';

export interface VerifierOptions {
  /** What there must be. */
  readonly expected: Side;
  readonly store: Pick<GenerationStore<unknown>, 'scan' | 'positions'>;
  /** Next offsets of the source, now. */
  readonly ends: () => Promise<Positions>;
  /** What the streams that the view joins are known up to here: at least what they held at the call. */
  readonly joined: () => Promise<Positions>;
  /** Entities with dead letters: their rows are not what the log says, and everybody knows it. */
  readonly isSetAside: (entity: string) => boolean;
  /** Entities of which both sides are held at once, when something differs. */
  readonly maxEntities: number;
  readonly onPhase: (phase: VerificationPhase) => void;
  readonly pause: (durationMs: number) => Promise<void>;
  readonly nowMs: () => number;
}

export type VerificationPhase = 'waiting' | 'reading' | 'comparing' | 'mending';

/** An entity whose rows are not what they must be. */
export interface EntityDifference {
  readonly entity: string;
  /** Undefined when the log knows nothing of it. */
  readonly told: ToldEntity | undefined;
  readonly rows: readonly RowDifference[];
  /** Keys of all rows that the store holds of it. */
  readonly stored: readonly string[];
}

/** Texts are JSON; undefined: not there. */
export interface RowDifference {
  readonly key: string;
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

export interface GroupDifference {
  readonly group: GroupKey;
  readonly expected: StoredGroup | undefined;
  readonly actual: StoredGroup | undefined;
  /** What its extremes lack, by value. */
  readonly values: readonly ExtremeAddition[];
}

export interface Findings {
  readonly entitiesChecked: number;
  readonly entities: readonly EntityDifference[];
  readonly groups: readonly GroupDifference[];
  /** Rows and groups that differ. */
  readonly differences: number;
}

/** How long a generation may take to get to where the log ended. */
const catchUpMs = 60_000;
const pollMs = 100;
/** Looks at what seems to differ, while both sides move on, before it counts or is left for the next check. */
const mostLooks = 6;
/** Entities with differences that are kept to be listed and mended; beyond it they are only counted. */
const mostKept = 10_000;

/**
 * Compares what a generation holds with what there must be: first digests of buckets, then, bucket by bucket, the rows of those
 * that differ. Both sides may move on meanwhile: a difference counts when a second look finds the very same one, unless the
 * store says exactly how far it is. Memory: the digests, the groups, and `maxEntities`.
 */
export class Verifier {
  private entitiesChecked = 0;

  constructor(private readonly options: VerifierOptions) {}

  /** @throws CodedError `retry` when something is away, or the generation does not get on. */
  async run(): Promise<Findings> {
    const first = await this.digest();
    const groups = await this.settledGroups(first.groups);
    const entities: EntityDifference[] = [];
    let differences = groups.length;
    for (const buckets of this.rounds(first.buckets)) {
      for (const found of await this.differencesIn(buckets)) {
        differences += found.rows.length;
        if (entities.length < mostKept) entities.push(found);
      }
    }
    return { entitiesChecked: this.entitiesChecked, entities, groups, differences };
  }

  /** Of the suspects, each value of their extremes is told. */
  private async digest(
    suspects: readonly GroupKey[] = [],
  ): Promise<{ buckets: number[]; groups: GroupDifference[]; isStill: boolean }> {
    const values = new GroupValues(suspects);
    const [expected, actual] = [new DigestVisitor(values), new DigestVisitor()];
    const { held, isStill } = await this.look(expected, actual, suspects);
    this.entitiesChecked = Math.max(this.entitiesChecked, expected.entities);
    const missing = new Map(
      suspects.map((group, place) => [groupId(group), values.missingFrom(held[place] ?? [], group)]),
    );
    // Sums cannot leave anybody out; who is set aside is in none of them.
    return {
      isStill,
      buckets: expected.digests.differing(actual.digests),
      groups: expected.groups
        .differing(actual.groups)
        .map((found) => ({ ...found, values: missing.get(groupId(found.group)) ?? [] })),
    };
  }

  /** What all looks find: a second one, and more until joined streams stood still during one of them. */
  private async settledGroups(found: GroupDifference[]): Promise<GroupDifference[]> {
    let left = found;
    for (let looks = 1; left.length > 0 && looks < mostLooks; looks += 1) {
      const next = await this.digest(left.map(({ group }) => group));
      const again = new Map(next.groups.map((difference) => [groupText(difference), difference]));
      left = left.flatMap((difference) => again.get(groupText(difference)) ?? []);
      if (next.isStill) return left;
    }
    return left;
  }

  /** Buckets that can be looked through together. */
  private *rounds(buckets: readonly number[]): Iterable<ReadonlySet<number>> {
    const perBucket = Math.max(1, this.entitiesChecked / bucketCount);
    const size = Math.max(1, Math.floor(this.options.maxEntities / perBucket));
    for (let from = 0; from < buckets.length; from += size) yield new Set(buckets.slice(from, from + size));
  }

  private async differencesIn(buckets: ReadonlySet<number>): Promise<EntityDifference[]> {
    this.options.onPhase('comparing');
    let { found: suspects } = await this.compare((entity) => buckets.has(bucketOf(entity)));
    const settled: EntityDifference[] = [];
    for (let looks = 1; suspects.length > 0 && looks < mostLooks; looks += 1) {
      const before = new Map(suspects.map((found) => [found.entity, differenceText(found)]));
      const { found: now, isStill } = await this.compare((entity) => before.has(entity));
      const isSame = (found: EntityDifference): boolean => before.get(found.entity) === differenceText(found);
      const isLast = looks === mostLooks - 1;
      if (isStill || isLast) settled.push(...now.filter(isSame));
      suspects = isStill ? now.filter((found) => !isSame(found)) : now;
    }
    return settled;
  }

  private async compare(
    isLookedAt: (entity: string) => boolean,
  ): Promise<{ found: EntityDifference[]; isStill: boolean }> {
    const expected = new RowsVisitor(isLookedAt);
    const actual = new RowsVisitor(isLookedAt);
    const { isStill } = await this.look(expected, actual);
    const entities = new Set([...expected.rows.keys(), ...actual.rows.keys()]);
    const found = [...entities].flatMap((entity) => {
      if (expected.left.has(entity) || this.options.isSetAside(entity)) return [];
      const wanted = expected.rows.get(entity) ?? none;
      const held = actual.rows.get(entity) ?? none;
      const rows = rowDifferences(wanted, held);
      return rows.length === 0
        ? []
        : [{ entity, told: expected.told.get(entity), rows, stored: [...held.keys()] }];
    });
    return { found, isStill };
  }

  /**
   * One look at both sides, of the same moment as far as can be: joined streams are as this process knows them, and the store may
   * have heard more of them by then, or less. Where they moved meanwhile (`isStill` false), both looks may find the same that is
   * not wrong. `held`: which values the store holds of these groups.
   */
  private async look(
    expected: Visitor,
    actual: Visitor,
    suspects: readonly GroupKey[] = [],
  ): Promise<{ held: readonly (readonly ExtremeAddition[])[]; isStill: boolean }> {
    const { store, ends, joined } = this.options;
    this.options.onPhase('waiting');
    const noted = await ends();
    // Rows that a joined stream has not reached yet are not wrong, only late.
    const known = await joined();
    await this.whenReached(new Map([...known, ...noted]));
    this.options.onPhase('reading');
    const held = await store.scan(async ({ exact, pages, values }) => {
      await Promise.all([visitPages(actual, pages), this.options.expected.visit(expected, exact ?? noted)]);
      return suspects.length === 0 ? [] : ((await values?.(suspects)) ?? []);
    });
    return { held, isStill: hasReached(known, await joined()) };
  }

  private async whenReached(noted: Positions): Promise<void> {
    const { store, nowMs, pause } = this.options;
    const deadlineMs = nowMs() + catchUpMs;
    while (!hasReached(await store.positions(), noted)) {
      if (nowMs() > deadlineMs)
        throw new CodedError('generation-behind', 'it does not reach the end of the log', {
          decision: 'retry',
        });
      await pause(pollMs);
    }
  }
}

const none: ReadonlyMap<string, string> = new Map();

function rowDifferences(
  wanted: ReadonlyMap<string, string>,
  held: ReadonlyMap<string, string>,
): RowDifference[] {
  return [...new Set([...wanted.keys(), ...held.keys()])]
    .map((key) => ({ key, expected: wanted.get(key), actual: held.get(key) }))
    .filter(({ expected, actual }) => expected !== actual);
}

function differenceText({ rows }: EntityDifference): string {
  return JSON.stringify(
    rows.map(({ key, expected = null, actual = null }) => [key, expected, actual]).sort(),
  );
}

function groupText({ group, expected, actual }: GroupDifference): string {
  return JSON.stringify([Object.entries(group).sort(), textOf(expected), textOf(actual)]);
}

/** Adds up what it is shown. A row that comes twice makes its bucket differ: then the rows themselves are looked at. */
class DigestVisitor implements Visitor {
  readonly digests = new Digests();
  readonly groups = new GroupSums();
  entities = 0;

  constructor(private readonly values?: GroupValues) {}

  row(entity: string, key: string, text: string): void {
    this.digests.add(entity, key, text);
  }

  share(contribution: Parameters<Visitor['share']>[0]): void {
    this.groups.add(contribution);
    this.values?.add(contribution);
  }

  group(stored: StoredGroup): void {
    this.groups.set(stored);
  }

  entity(): void {
    this.entities += 1;
  }

  unsettled(): void {
    // Its rows make the bucket differ; they are left out there.
  }
}

/** Keeps the rows of some entities. */
class RowsVisitor implements Visitor {
  readonly rows = new Map<string, Map<string, string>>();
  readonly told = new Map<string, ToldEntity>();
  readonly left = new Set<string>();

  constructor(private readonly isLookedAt: (entity: string) => boolean) {}

  row(entity: string, key: string, text: string): void {
    if (!this.isLookedAt(entity)) return;
    const rows = this.rows.get(entity) ?? new Map<string, string>();
    this.rows.set(entity, rows.set(key, text));
  }

  entity(told: ToldEntity): void {
    if (this.isLookedAt(told.key)) this.told.set(told.key, told);
  }

  unsettled(entity: string): void {
    if (this.isLookedAt(entity)) this.left.add(entity);
  }

  share(): void {
    // Groups are compared whole.
  }

  group(): void {
    // Groups are compared whole.
  }
}
