import type { Positions } from '@reprise/kernel';
import type { Contributed, ExtremeAddition, GroupKey, Measures, PlannedChanges } from '@reprise/view';
import type { Extent } from './extent.js';

/** How far one source partition is applied. */
export interface Checkpoint {
  /** `topic/partition`. */
  readonly partition: string;
  /** The offset to read next: everything below is in the store. */
  readonly nextOffset: bigint;
  /**
   * Next offsets of the streams that the view joins: every change below has reached all rows of this partition's entities.
   * Rows may show newer ones already. Empty for a view without references.
   */
  readonly references: Positions;
  /**
   * How far the partition's bulk load is, as the loader writes it; empty when there is none, or it is over. Until then
   * `nextOffset` is 0, and rows may be there already.
   */
  readonly loading: string;
  /**
   * Where the partition's bulk load ends, noted when it begins: rows may show what lies below, though `nextOffset` is less. 0 while
   * there was none.
   */
  readonly loadedTo: bigint;
}

/** The right to write one source partition of one generation. A later claim of the same partition ends it. */
export interface Claim extends Checkpoint {
  /** Counts the claims of this partition: 1, 2, 3 … */
  readonly epoch: number;
}

/** What has reached every row: the source's checkpoints, and of each joined stream what all of them have. */
export function shownPositions(checkpoints: readonly Checkpoint[]): Positions {
  const shown = new Map(sourcePositions(checkpoints));
  const joined = new Set(checkpoints.flatMap(({ references }) => [...references.keys()]));
  for (const id of joined) {
    const reached = checkpoints.map(({ references }) => references.get(id) ?? 0n);
    shown.set(
      id,
      reached.reduce((least, offset) => (offset < least ? offset : least)),
    );
  }
  return shown;
}

/** The source positions from which on no row shows anything, while of a joined stream they may. */
export function boundPositions(checkpoints: readonly Checkpoint[]): Positions {
  return new Map(
    checkpoints.map(({ partition, nextOffset, loadedTo }) => [
      partition,
      nextOffset > loadedTo ? nextOffset : loadedTo,
    ]),
  );
}

/** The source's checkpoints alone. */
export function sourcePositions(checkpoints: readonly Checkpoint[]): Positions {
  return new Map(checkpoints.map(({ partition, nextOffset }) => [partition, nextOffset]));
}

/** Those of which not everything is loaded. */
export function partitionsLoading(checkpoints: readonly Checkpoint[]): string[] {
  return checkpoints.filter(({ loading }) => loading !== '').map(({ partition }) => partition);
}

/** Changes and the checkpoint that goes with them. */
export interface ViewBatch<Row> extends PlannedChanges<Row> {
  /** Where the store's checkpoint must stand for the batch to be applied, and who must own it. */
  readonly claim: Claim;
  /** Where it stands afterwards: the same offset, or a later one. */
  readonly nextOffset: bigint;
  readonly references: Positions;
  /**
   * True: something besides the log is given up once this is applied, so reading on from the checkpoint would not bring it
   * again. A store that can see to it that it outlives a crash of its server does so before it answers.
   */
  readonly mustLast?: boolean;
}

/** What the checkpoint says once a batch is applied. */
export function checkpointAfter({
  claim: { loading, loadedTo },
  nextOffset,
  references,
}: ViewBatch<unknown>): Omit<Checkpoint, 'partition'> {
  return { nextOffset, references, loading, loadedTo };
}

/** fenced: the partition has another owner, or the checkpoint stands elsewhere; nothing was changed, stop and claim anew. */
export type ApplyOutcome = 'applied' | 'fenced';

/**
 * A part of a bulk load: entities that the generation does not hold yet, each of them once in the whole load. So there are
 * no removals, and `contributed` was empty before.
 */
export interface LoadBatch<Row> extends ViewBatch<Row> {
  /** How far the load is afterwards, instead of `claim.loading`. Empty ends it; until then `nextOffset` stays 0. */
  readonly loading: string;
  /** The same from the first batch of a load on, which brings nothing else. */
  readonly loadedTo: bigint;
}

/** The mark of a partition of which nothing is loaded yet. */
export const loadToBegin = 'begin';

/** One thing a generation holds, for comparing and verifying. */
export type StoredItem<Row> =
  | { readonly kind: 'row'; readonly entity: string; readonly key: string; readonly row: Row }
  | {
      readonly kind: 'group';
      readonly group: GroupKey;
      readonly measures: Measures;
      readonly extremes: Readonly<Record<string, Extent>>;
    };

/** One thing a generation holds, as it lies there. `text` of a row: its JSON, as {@link GenerationStore.rowText} writes it. */
export type ScannedItem =
  | { readonly kind: 'row'; readonly entity: string; readonly key: string; readonly text: string }
  | Extract<StoredItem<never>, { kind: 'group' }>;

/** A reading of all that a generation holds. */
export interface GenerationScan {
  /**
   * Next offsets of the source of which it holds everything below, and nothing from there on. Undefined: what was visible when
   * the scan began is in it, and anything that came meanwhile may be, or may be twice.
   */
  readonly exact: Positions | undefined;
  readonly pages: AsyncIterable<readonly ScannedItem[]>;
  /**
   * How many entities of each of these groups have which value, of the same moment; asked for after the pages were read. Absent
   * where the store keeps no groups.
   */
  readonly values?: (groups: readonly GroupKey[]) => Promise<readonly (readonly ExtremeAddition[])[]>;
}

/** Entities of one source partition that refer to any of these. */
export interface DependentsQuery {
  readonly partition: string;
  /** Ids of references, as the ledger has them. */
  readonly references: readonly string[];
}

/**
 * One generation in one store.
 *
 * The caller: opens before anything else; claims a partition before it writes it; hands over each claim's batches one
 * after another; and reads `contributed` for all entities of a batch before it applies that batch.
 * The store: applies a batch and its checkpoint so that after a crash either both are there, or applying the batch
 * again gives the same as applying it once; refuses a batch whose claim is not the newest or whose expected offset or load
 * is not the checkpoint's; never lets an older version of an entity overwrite a newer one.
 * A failure of the store's connection is thrown as a CodedError whose decision is `retry`. So is `generation-missing`, which
 * claims, positions and readers meet when the generation was never opened, or is dropped: nothing but `open` makes it.
 */
export interface GenerationStore<Row> {
  /**
   * Creates what the generation needs, with a checkpoint for each of these partitions: all that the view's source has.
   * Does nothing for what is there. With `load` they are marked to be bulk loaded ({@link loadToBegin}), and nothing may be
   * applied before {@link finishLoad}.
   */
  open(partitions: readonly string[], options?: { readonly load: boolean }): Promise<void>;
  claim(partition: string): Promise<Claim>;
  /** What these entities contributed so far; entities never seen are absent. */
  contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>>;
  /**
   * Keys of entities, a page at a time, each once or more. Holds all that were applied before the call and still refer to
   * them; pages may be applied while the next is fetched.
   */
  dependents(query: DependentsQuery): AsyncIterable<readonly string[]>;
  apply(batch: ViewBatch<Row>): Promise<ApplyOutcome>;
  /**
   * The same without `contributed` having been read: the batch is planned as if nothing was there, and moves the checkpoint. For
   * entities that are there and contribute rows alone. `read-first`: something of theirs may be in the store that the store cannot
   * take into account by itself; nothing was changed. So says, of all, a store where to find out costs as much as reading.
   */
  applyUnread(batch: ViewBatch<Row>): Promise<ApplyOutcome | 'read-first'>;
  /**
   * Batches of different partitions, in as few trips as the store can: each as `apply` does it, whatever becomes of the others.
   * Outcomes in their order. A failure says nothing of any of them, as if the connection had broken; one whose decision is
   * `set-aside` may be that of one of them only.
   */
  applyTogether(batches: readonly ViewBatch<Row>[]): Promise<readonly ApplyOutcome[]>;
  /**
   * Writes what was never there, together with the load's progress: faster than `apply`, as nothing is looked up first.
   * Fenced like it. After a crash either both are there, or loading the batch again gives the same.
   */
  load(batch: LoadBatch<Row>): Promise<ApplyOutcome>;
  /**
   * Makes what was loaded fit for `apply`, unless a partition's load is left: returns those. None: it is done, here or by somebody
   * else.
   */
  finishLoad(): Promise<readonly string[]>;
  /** Makes all that was applied visible to readers, and returns the positions that they now see. */
  settle(): Promise<Positions>;
  /**
   * The positions that readers see, at least: everything below is shown. For each source partition, and for each partition
   * of a joined stream (see {@link shownPositions}).
   */
  positions(): Promise<Positions>;
  /**
   * The source positions that readers see, at most: nothing from there on is shown. Undefined where a reader may see what is not
   * in the checkpoint yet, so that only the log's end bounds it.
   */
  mayShow(): Promise<Positions | undefined>;
  /** Ends bulk loading: builds what only readers need (indexes, replicas). Does nothing the second time. */
  seal(): Promise<void>;
  /** Reads everything it holds, for checking it; the scan ends with `work`. */
  scan<Result>(work: (scan: GenerationScan) => Promise<Result>): Promise<Result>;
  /**
   * Makes what readers find rows by (indexes) what the rows say, where the store itself keeps the two in step; absent where its
   * engine does. Safe beside a builder that feeds it.
   */
  rectify?(): Promise<void>;
  /** What `scan` says of this row when it lies there as it should. */
  rowText(row: Row): string;
  /** Everything it holds, in no particular order. Groups to which nothing is contributed are left out. */
  contents(): AsyncIterable<StoredItem<Row>>;
  /** Removes everything. Does nothing when nothing is there. */
  drop(): Promise<void>;
}

/** A store that holds generations of one view. It owns the connections; `stop` closes them. */
export interface ViewStore<Row> {
  generation(name: string): GenerationStore<Row>;
  stop(): Promise<void>;
}
