import { newestPerEntity, planChanges, row, share, type EntityRecord, type Projector } from '@reprise/view';
import type { Extent } from './extent.js';
import type { ApplyOutcome, Claim, GenerationStore } from './port.js';

/** The row of the contract suite's view. */
export interface TestRow {
  readonly name: string;
  readonly size: number;
}

/** The groups of the contract suite's view: a store with declared columns must know these. */
export const testGroups = {
  columns: { place: 'text', hour: 'integer' },
  measures: ['entities', 'size'],
  extremes: ['size'],
} as const;

/** An entity that says itself what it contributes. */
export interface TestEntity {
  readonly rows: readonly (TestRow & { readonly key: string })[];
  readonly groups: readonly { readonly place: string; readonly hour: number; readonly size: number }[];
  /** Ids of what it refers to. */
  readonly refers: readonly string[];
}

export interface TestRecord extends EntityRecord {
  readonly version: number;
  readonly state: TestEntity | null;
}

export const testView: Projector<TestRow> = {
  keepsState: true,
  referencesOf: (entity) => (entity as TestEntity).refers,
  project: (entity) => {
    const { rows, groups } = entity as TestEntity;
    return [
      ...rows.map(({ key, name, size }) => row(key, { name, size })),
      ...groups.map(({ place, hour, size }) => share({ place, hour }, { entities: 1, size }, { size })),
    ];
  },
};

/** The same, for a view that joins nothing: what it contributed may be told by its rows. */
export const plainTestView: Projector<TestRow> = {
  ...testView,
  keepsState: false,
  referencesOf: () => [],
};

/** @throws TypeError when it is not a row of the contract suite. */
export function parseTestRow(stored: unknown): TestRow {
  if (typeof stored === 'object' && stored !== null && 'name' in stored && 'size' in stored) {
    const { name, size } = stored;
    if (typeof name === 'string' && typeof size === 'number') return { name, size };
  }
  throw new TypeError(`not a row of the contract suite: ${JSON.stringify(stored)}`);
}

export function told(key: string, version: number, state: Partial<TestEntity> | null): TestRecord {
  return { key, version, state: state && { rows: [], groups: [], refers: [], ...state } };
}

/** One batch as a builder does it: what was contributed, the plan, and the batch with its checkpoint. */
export async function feed(
  generation: GenerationStore<TestRow>,
  claim: Claim,
  records: readonly TestRecord[],
): Promise<ApplyOutcome> {
  return feedAs(testView, generation, { claim, records });
}

export async function feedAs(
  view: Projector<TestRow>,
  generation: GenerationStore<TestRow>,
  { claim, records }: { claim: Claim; records: readonly TestRecord[] },
): Promise<ApplyOutcome> {
  const newest = newestPerEntity(records);
  const prior = await generation.contributed([...newest.keys()]);
  const nextOffset = claim.nextOffset + BigInt(records.length);
  const { references } = claim;
  return generation.apply({ claim, nextOffset, references, ...planChanges(view, newest, prior) });
}

/** Batches of different partitions, planned one by one and applied in one go. */
export async function feedTogether(
  generation: GenerationStore<TestRow>,
  deliveries: readonly { readonly claim: Claim; readonly records: readonly TestRecord[] }[],
): Promise<readonly ApplyOutcome[]> {
  const batches = deliveries.map(async ({ claim, records }) => {
    const newest = newestPerEntity(records);
    const prior = await generation.contributed([...newest.keys()]);
    const nextOffset = claim.nextOffset + BigInt(records.length);
    return { claim, nextOffset, references: claim.references, ...planChanges(testView, newest, prior) };
  });
  return generation.applyTogether(await Promise.all(batches));
}

/** The claim as it stands after `records` were applied under it. */
export function advanced(claim: Claim, records: readonly unknown[]): Claim {
  return { ...claim, nextOffset: claim.nextOffset + BigInt(records.length) };
}

/** What readers find once everything is settled, one line per row and group, sorted. */
export async function settledContents(generation: GenerationStore<TestRow>): Promise<string[]> {
  await generation.settle();
  const lines: string[] = [];
  for await (const item of generation.contents()) {
    if (item.kind === 'row') lines.push(rowLine(item.entity, item.key, parseTestRow(item.row)));
    else lines.push(groupLine(item.group, item.measures, item.extremes['size']));
  }
  return lines.sort();
}

export function rowLine(entity: string, key: string, { name, size }: TestRow): string {
  return JSON.stringify(['row', entity, key, name, size]);
}

export function groupLine(
  group: Readonly<Record<string, string | number>>,
  measures: Readonly<Record<string, number>>,
  size?: Pick<Extent, 'least' | 'greatest'>,
): string {
  const { entities = 0, size: sum = 0 } = measures;
  return JSON.stringify([
    'group',
    group['place'],
    group['hour'],
    entities,
    sum,
    size?.least ?? null,
    size?.greatest ?? null,
  ]);
}
