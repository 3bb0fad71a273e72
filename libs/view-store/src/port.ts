import type { Positions } from '@reprise/kernel';
import type { Contributed, GroupKey, Measures, ViewChange } from '@reprise/view';

/** The right to write one source partition of one generation. A later claim of the same partition ends it. */
export interface Claim {
  /** `topic/partition`. */
  readonly partition: string;
  /** Counts the claims of this partition: 1, 2, 3 … */
  readonly epoch: number;
  /** The offset to read next: everything below is in the store. */
  readonly nextOffset: bigint;
}

/** Changes and the checkpoint that goes with them. */
export interface ViewBatch<Row> {
  readonly claim: Claim;
  /** Where the store's checkpoint must stand for the batch to be applied. */
  readonly expectedOffset: bigint;
  /** Where it stands afterwards. */
  readonly nextOffset: bigint;
  readonly contributed: ReadonlyMap<string, Contributed>;
  readonly changes: readonly ViewChange<Row>[];
}

/** fenced: the partition has another owner, or the checkpoint stands elsewhere; nothing was changed, stop and claim anew. */
export type ApplyOutcome = 'applied' | 'fenced';

/** One thing a generation holds, for comparing and verifying. */
export type StoredItem<Row> =
  | { readonly kind: 'row'; readonly entity: string; readonly key: string; readonly row: Row }
  | { readonly kind: 'group'; readonly group: GroupKey; readonly measures: Measures };

/**
 * One generation in one store.
 *
 * The caller: opens before anything else; claims a partition before it writes it; hands over each claim's batches one
 * after another; and reads `contributed` for all entities of a batch before it applies that batch.
 * The store: applies a batch and its checkpoint so that after a crash either both are there, or applying the batch
 * again gives the same as applying it once; refuses a batch whose claim is not the newest or whose expected offset is
 * not the checkpoint's; never lets an older version of an entity overwrite a newer one.
 * A failure of the store's connection is thrown as a CodedError whose decision is `retry`.
 */
export interface GenerationStore<Row> {
  /** Creates what the generation needs. Does nothing when it is there. */
  open(): Promise<void>;
  claim(partition: string): Promise<Claim>;
  /** What these entities contributed so far; entities never seen are absent. */
  contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>>;
  apply(batch: ViewBatch<Row>): Promise<ApplyOutcome>;
  /** Makes all that was applied visible to readers, and returns the positions that they now see. */
  settle(): Promise<Positions>;
  /** The positions that readers see, at least: everything below is shown. */
  positions(): Promise<Positions>;
  /**
   * The positions that readers see, at most: nothing from there on is shown. Undefined where a reader may see what is not
   * in the checkpoint yet, so that only the log's end bounds it.
   */
  mayShow(): Promise<Positions | undefined>;
  /** Ends bulk loading: builds what only readers need (indexes, replicas). Does nothing the second time. */
  seal(): Promise<void>;
  /** Everything it holds, in no particular order. Groups whose measures are all zero are left out. */
  contents(): AsyncIterable<StoredItem<Row>>;
  /** Removes everything. Does nothing when nothing is there. */
  drop(): Promise<void>;
}

/** A store that holds generations of one view. It owns the connections; `stop` closes them. */
export interface ViewStore<Row> {
  generation(name: string): GenerationStore<Row>;
  stop(): Promise<void>;
}
