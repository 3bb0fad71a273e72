import { CodedError, type Positions } from '@reprise/kernel';
import {
  groupId,
  type Contributed,
  type ExtremeAddition,
  type GroupAddition,
  type GroupKey,
  type ViewChange,
} from '@reprise/view';
import { extended, type Extent } from './extent.js';
import {
  boundPositions,
  loadToBegin,
  partitionsLoading,
  shownPositions,
  sourcePositions,
  type ApplyOutcome,
  type Checkpoint,
  type Claim,
  type DependentsQuery,
  type GenerationScan,
  type GenerationStore,
  type ScannedItem,
  type LoadBatch,
  type StoredItem,
  type ViewBatch,
  type ViewStore,
} from './port.js';

interface OwnedCheckpoint extends Checkpoint {
  readonly epoch: number;
}

interface LedgerEntry {
  readonly partition: string;
  readonly contributed: Contributed;
}

interface Group {
  readonly group: GroupKey;
  readonly measures: Record<string, number>;
  /** How many entities have a value, by measure and value. */
  readonly extremes: Map<string, Map<number, number>>;
}

/** Generations in this process's memory: for tests, and for views small enough to be rebuilt at each start. */
export class MemoryViewStore<Row> implements ViewStore<Row> {
  private readonly generations = new Map<string, MemoryGeneration<Row>>();

  generation(name: string): MemoryGeneration<Row> {
    const known = this.generations.get(name);
    if (known) return known;
    const made = new MemoryGeneration<Row>();
    this.generations.set(name, made);
    return made;
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

export class MemoryGeneration<Row> implements GenerationStore<Row> {
  private readonly checkpoints = new Map<string, OwnedCheckpoint>();
  private readonly ledger = new Map<string, LedgerEntry>();
  private readonly rows = new Map<string, Extract<StoredItem<Row>, { kind: 'row' }>>();
  private readonly groups = new Map<string, Group>();
  private isOpen = false;

  open(partitions: readonly string[], { load } = { load: false }): Promise<void> {
    this.isOpen = true;
    const loading = load ? loadToBegin : '';
    for (const partition of partitions)
      if (!this.checkpoints.has(partition))
        this.checkpoints.set(partition, { ...unclaimed(partition), loading });
    return Promise.resolve();
  }

  claim(partition: string): Promise<Claim> {
    if (!this.isOpen) return Promise.reject(missing());
    const before = this.checkpoints.get(partition) ?? unclaimed(partition);
    const after = { ...before, epoch: before.epoch + 1 };
    this.checkpoints.set(partition, after);
    return Promise.resolve(after);
  }

  contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    const found = new Map<string, Contributed>();
    for (const entity of entities) {
      const known = this.ledger.get(entity);
      if (known) found.set(entity, known.contributed);
    }
    return Promise.resolve(found);
  }

  async *dependents({ partition, references }: DependentsQuery): AsyncIterable<readonly string[]> {
    const wanted = new Set(references);
    const found = [...this.ledger].filter(
      ([, entry]) =>
        entry.partition === partition && entry.contributed.references.some((id) => wanted.has(id)),
    );
    if (found.length > 0) yield found.map(([entity]) => entity);
  }

  apply(batch: ViewBatch<Row>): Promise<ApplyOutcome> {
    return this.write(batch, batch.claim);
  }

  /** Where each has no other row than its own, that one is written over, or is newer and stays. */
  async applyUnread(batch: ViewBatch<Row>): Promise<ApplyOutcome | 'read-first'> {
    const stale = new Set<string>();
    for (const [entity, after] of batch.contributed) {
      const before = this.ledger.get(entity)?.contributed;
      if (!isOwnRow(entity, after) || (before && !isOwnRow(entity, before))) return 'read-first';
      if (before && before.version > after.version) stale.add(entity);
    }
    const contributed = new Map([...batch.contributed].filter(([entity]) => !stale.has(entity)));
    const changes = batch.changes.filter((change) => change.kind === 'add' || !stale.has(change.entity));
    return this.apply({ ...batch, contributed, changes });
  }

  applyTogether(batches: readonly ViewBatch<Row>[]): Promise<ApplyOutcome[]> {
    return Promise.all(batches.map((batch) => this.apply(batch)));
  }

  load(batch: LoadBatch<Row>): Promise<ApplyOutcome> {
    return this.write(batch, batch);
  }

  finishLoad(): Promise<readonly string[]> {
    return Promise.resolve(partitionsLoading([...this.checkpoints.values()]));
  }

  private write(
    { claim, nextOffset, references, contributed, changes }: ViewBatch<Row>,
    { loading, loadedTo }: Pick<Checkpoint, 'loading' | 'loadedTo'>,
  ): Promise<ApplyOutcome> {
    const { partition, epoch } = claim;
    const stored = this.checkpoints.get(partition);
    if (!stored || !isAt(claim, stored)) return Promise.resolve('fenced');
    for (const change of changes) this.change(change);
    for (const [entity, contribution] of contributed)
      this.ledger.set(entity, { partition, contributed: contribution });
    this.checkpoints.set(partition, { partition, epoch, nextOffset, references, loading, loadedTo });
    return Promise.resolve('applied');
  }

  settle(): Promise<Positions> {
    return this.positions();
  }

  positions(): Promise<Positions> {
    if (!this.isOpen) return Promise.reject(missing());
    return Promise.resolve(shownPositions([...this.checkpoints.values()]));
  }

  mayShow(): Promise<Positions> {
    return Promise.resolve(boundPositions([...this.checkpoints.values()]));
  }

  seal(): Promise<void> {
    return Promise.resolve();
  }

  scan<Result>(work: (scan: GenerationScan) => Promise<Result>): Promise<Result> {
    return work({
      exact: sourcePositions([...this.checkpoints.values()]),
      pages: this.pages(),
      values: (groups) => Promise.resolve(groups.map((group) => valuesOf(this.groups.get(groupId(group))))),
    });
  }

  rowText(row: Row): string {
    return JSON.stringify(row);
  }

  async *contents(): AsyncIterable<StoredItem<Row>> {
    yield* this.rows.values();
    for (const { group, measures, extremes } of this.groups.values()) {
      if (extremes.size > 0 || Object.values(measures).some((amount) => amount !== 0))
        yield { kind: 'group', group, measures, extremes: extents(extremes) };
    }
  }

  private async *pages(): AsyncIterable<readonly ScannedItem[]> {
    const items: ScannedItem[] = [];
    for await (const item of this.contents())
      items.push(item.kind === 'group' ? item : { ...item, text: JSON.stringify(item.row) });
    yield items;
  }

  drop(): Promise<void> {
    this.isOpen = false;
    for (const held of [this.checkpoints, this.ledger, this.rows, this.groups]) held.clear();
    return Promise.resolve();
  }

  private change(change: ViewChange<Row>): void {
    switch (change.kind) {
      case 'put':
        this.rows.set(rowId(change), {
          kind: 'row',
          entity: change.entity,
          key: change.key,
          row: change.row,
        });
        return;
      case 'remove':
        this.rows.delete(rowId(change));
        return;
      case 'add':
        this.add(change);
    }
  }

  private add({ group, measures, extremes }: GroupAddition): void {
    const id = groupId(group);
    const known: Group = this.groups.get(id) ?? { group, measures: {}, extremes: new Map() };
    this.groups.set(id, known);
    for (const [measure, amount] of Object.entries(measures))
      known.measures[measure] = (known.measures[measure] ?? 0) + amount;
    for (const { measure, value, count } of extremes) {
      const counts = known.extremes.get(measure) ?? new Map<number, number>();
      counts.set(value, (counts.get(value) ?? 0) + count);
      if (counts.get(value) === 0) counts.delete(value);
      if (counts.size > 0) known.extremes.set(measure, counts);
      else known.extremes.delete(measure);
    }
  }
}

function isOwnRow(entity: string, { rows, groups, references, state }: Contributed): boolean {
  const isPlain = groups.length === 0 && references.length === 0 && state === null;
  return isPlain && rows.length === 1 && rows[0] === entity;
}

function isAt({ epoch, nextOffset, loading }: Claim, stored: OwnedCheckpoint): boolean {
  return stored.epoch === epoch && stored.nextOffset === nextOffset && stored.loading === loading;
}

function unclaimed(partition: string): OwnedCheckpoint {
  return { partition, epoch: 0, nextOffset: 0n, references: new Map(), loading: '', loadedTo: 0n };
}

function missing(): CodedError {
  return new CodedError('generation-missing', 'never opened, or dropped', { decision: 'retry' });
}

function valuesOf(group: Group | undefined): ExtremeAddition[] {
  return [...(group?.extremes ?? [])].flatMap(([measure, counts]) =>
    [...counts].map(([value, count]) => ({ measure, value, count })),
  );
}

function extents(extremes: ReadonlyMap<string, ReadonlyMap<number, number>>): Record<string, Extent> {
  const found: Record<string, Extent> = {};
  for (const [measure, counts] of extremes)
    for (const [value, count] of counts) found[measure] = extended(found[measure], value, count);
  return found;
}

function rowId({ entity, key }: { entity: string; key: string }): string {
  return JSON.stringify([entity, key]);
}
