import { CodedError, callsFor, type Positions } from '@reprise/kernel';
import { planChanges, type PlannedChanges, type Projector } from '@reprise/view';
import { loadToBegin, type Claim, type GenerationStore } from '@reprise/view-store';
import type { FeedTally } from '../measuring/feed-tally.js';
import { formatProgress, loadBegun, parseProgress } from './load-progress.js';
import {
  newestStates,
  type NewestState,
  type StateDecoder,
  type StatesPage,
  type WindowSource,
} from './newest-states.js';

export interface PartitionLoaderOptions<Row> {
  readonly store: Pick<GenerationStore<Row>, 'load' | 'finishLoad'>;
  readonly source: WindowSource;
  readonly decoder: StateDecoder;
  readonly projector: Projector<Row>;
  /** First and next offset of the partition, now. */
  readonly ends: (partition: string) => Promise<{ start: bigint; end: bigint }>;
  /** What the joined streams are known up to. */
  readonly references: () => Positions;
  readonly maxEntities: number;
  /** Counts, for whoever wants to know. */
  readonly tally?: FeedTally;
  /** Told after each window how many offsets it covered; resolves when the next may begin. */
  readonly onLoaded: (offsets: number) => Promise<void>;
  /** False when the partition belongs to somebody else now, or the process stops. */
  readonly isCurrent: (partition: string) => boolean;
  readonly pause: () => Promise<void>;
}

/** Where a load ended. */
export interface LoadOutcome {
  readonly claim: Claim;
  /**
   * Entities that only their whole history settles; undefined: nobody knows any more which. If there are any,
   * `claim.nextOffset` is 0: the partition is read again in order, and up to `end` only these need to be looked at.
   */
  readonly unclear: ReadonlySet<string> | undefined;
  readonly end: bigint;
}

/**
 * Fills one partition of a generation that holds nothing: the newest state of each entity, once, straight into the store.
 * Fenced like any other writing; a load that broke off is taken up where its progress says.
 */
export class PartitionLoader<Row> {
  constructor(private readonly options: PartitionLoaderOptions<Row>) {}

  /** @throws CodedError `retry` when the store or the log is away, and `load-interrupted` when the claim is over. */
  async load(claimed: Claim): Promise<LoadOutcome> {
    const { ends, onLoaded } = this.options;
    const { partition } = claimed;
    const { start, end } = await ends(partition);
    let claim = claimed;
    if (claim.loading === loadToBegin) claim = await this.begin(claim, end);
    const progress = parseProgress(claim.loading);
    const unclear = new Set<string>();
    // One batch is written while the next one is read and decoded.
    let writing: Promise<Claim> = Promise.resolve(claim);
    for await (const page of newestStates({ ...this.options, partition, start, progress })) {
      claim = await writing;
      this.requireCurrent(partition);
      for (const key of page.unclear) unclear.add(key);
      writing = this.write(claim, page, unclear);
      writing.catch(() => undefined); // It is awaited with the next page.
      await onLoaded(page.offsets);
    }
    return { claim: await writing, unclear: progress.isUnclear ? undefined : unclear, end: progress.end };
  }

  /**
   * Nothing can be applied before all partitions are loaded, whoever loads them.
   * @throws CodedError `load-interrupted` as well when this one, which was, is not any more.
   */
  async finish(partition: string): Promise<void> {
    for (;;) {
      const left = await this.options.store.finishLoad();
      if (left.length === 0) return;
      if (left.includes(partition)) throw interrupted(`the store lost what was loaded last of ${partition}`);
      this.requireCurrent(partition);
      await this.options.pause();
    }
  }

  /** The end is noted before anything is written, so that whoever takes the load up loads the same states. */
  private begin(claim: Claim, end: bigint): Promise<Claim> {
    const references = this.options.references();
    return this.move(claim, {
      ...nothing,
      loading: formatProgress(loadBegun(end)),
      loadedTo: end,
      references,
      nextOffset: 0n,
    });
  }

  /** What the store refuses in a batch is found one by one in the ordinary way: there it is set aside. */
  private async write(claim: Claim, page: StatesPage, unclear: Set<string>): Promise<Claim> {
    const { states, progress } = page;
    if (states.length === 0 && formatProgress(progress) === claim.loading) return claim;
    const planned = this.plan(states, unclear);
    try {
      const moved = await this.move(claim, { ...planned, ...target(claim, page, unclear) });
      if (this.options.tally) this.options.tally.entitiesApplied += planned.contributed.size;
      return moved;
    } catch (failure) {
      if (!callsFor(failure, 'set-aside')) throw failure;
      for (const { key } of states) unclear.add(key);
      return this.move(claim, { ...nothing, ...target(claim, page, unclear) });
    }
  }

  private async move(claim: Claim, to: PlannedChanges<Row> & Target): Promise<Claim> {
    if ((await this.options.store.load({ claim, ...to })) === 'fenced')
      throw interrupted(`${claim.partition} is loaded by somebody else now`);
    const { loading, loadedTo, references, nextOffset } = to;
    return { ...claim, loading, loadedTo, references, nextOffset };
  }

  /** One that cannot be projected is left to the ordinary way, which sets it aside. */
  private plan(states: readonly NewestState[], unclear: Set<string>): PlannedChanges<Row> {
    const { projector } = this.options;
    const wanted = new Map(states.filter(({ key }) => !unclear.has(key)).map((state) => [state.key, state]));
    try {
      return planChanges(projector, wanted, new Map());
    } catch {
      for (const [key, state] of wanted) {
        try {
          planChanges(projector, new Map([[key, state]]), new Map());
        } catch {
          unclear.add(key);
          wanted.delete(key);
        }
      }
      return planChanges(projector, wanted, new Map());
    }
  }

  private requireCurrent(partition: string): void {
    if (!this.options.isCurrent(partition)) throw interrupted(`${partition} is loaded by somebody else now`);
  }
}

/** Where a claim stands after a batch. */
type Target = Pick<Claim, 'loading' | 'loadedTo' | 'references' | 'nextOffset'>;

/** Where a page leads. */
function target({ references }: Claim, { progress }: StatesPage, unclear: ReadonlySet<string>): Target {
  const isOver = progress.passes.length === 0;
  const isUnclear = progress.isUnclear || unclear.size > 0;
  return {
    loading: isOver ? '' : formatProgress({ ...progress, isUnclear }),
    loadedTo: progress.end,
    references,
    nextOffset: isOver && !isUnclear ? progress.end : 0n,
  };
}

const nothing = { contributed: new Map(), changes: [], links: [] };

function interrupted(why: string): CodedError {
  return new CodedError('load-interrupted', why, { decision: 'retry' });
}
