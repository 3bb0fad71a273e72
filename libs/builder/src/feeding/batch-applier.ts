import { callsFor } from '@reprise/kernel';
import type { ChunkOutcome } from '@reprise/log';
import { planChanges, type Contributed, type PlannedChanges, type Projector } from '@reprise/view';
import type { Claim, ViewBatch } from '@reprise/view-store';
import type { FeedTally } from '../measuring/feed-tally.js';
import type { Projected } from './candidate.js';
import type { FeedStore } from './shared-trips.js';
import { UnreadTrials } from './unread-trials.js';

/** Entities to be applied, and what they contributed before, if that was read already. */
export interface Planned<Row> {
  readonly sound: ReadonlyMap<string, Projected<Row>>;
  readonly prior?: ReadonlyMap<string, Contributed> | undefined;
}

export interface BatchApplierOptions<Row> {
  readonly store: FeedStore<Row>;
  readonly projector: Projector<Row>;
  /** The checkpoints of the partitions that are claimed: kept up here. */
  readonly claims: Map<string, Claim>;
  readonly tally?: FeedTally | undefined;
}

/**
 * Plans what entities contribute now against what the store holds of them, and applies it. What is there is not read first
 * where the store can tell by itself that only rows of their own are written over.
 */
export class BatchApplier<Row> {
  private readonly trials = new UnreadTrials();

  constructor(private readonly options: BatchApplierOptions<Row>) {}

  async apply(target: Claim, planned: Planned<Row>, claim: Claim): Promise<ChunkOutcome> {
    const unread = await this.tryUnread(target, planned, claim);
    if (unread !== undefined) return unread;
    const { sound } = planned;
    const prior = planned.prior ?? (await this.contributed([...sound.keys()]));
    const changes = planChanges(this.options.projector, sound, prior);
    const batch = batchOf(target, planned, { claim, changes });
    const outcome = await this.applied(claim, () => this.options.store.apply(batch));
    return this.noted(outcome, batch, sound.size);
  }

  /** Undefined: it has to be read first. */
  private async tryUnread(
    target: Claim,
    planned: Planned<Row>,
    claim: Claim,
  ): Promise<ChunkOutcome | undefined> {
    const { store, projector } = this.options;
    const { sound, prior } = planned;
    const isPlain = prior === undefined && sound.size > 0 && !projector.keepsState;
    if (!isPlain || target.nextOffset === claim.nextOffset) return undefined;
    if (!this.trials.isDue(claim.partition) || ![...sound.values()].every(isNewState)) return undefined;
    const batch = batchOf(target, planned, { claim, changes: planChanges(projector, sound, new Map()) });
    const outcome = await this.applied(claim, () => store.applyUnread(batch));
    this.trials.note(claim.partition, outcome !== 'read-first');
    return outcome === 'read-first' ? undefined : this.noted(outcome, batch, sound.size);
  }

  /**
   * A batch whose answer is lost may arrive yet, behind others that end at the same offset: only a new claim keeps it out.
   */
  private async applied<Outcome>(claim: Claim, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work();
    } catch (failure) {
      if (!callsFor(failure, 'set-aside')) this.options.claims.delete(claim.partition);
      throw failure;
    }
  }

  private noted(
    outcome: ChunkOutcome,
    { claim, nextOffset, references, contributed }: ViewBatch<Row>,
    entities: number,
  ): ChunkOutcome {
    const { claims, tally } = this.options;
    if (outcome === 'applied') claims.set(claim.partition, { ...claim, nextOffset, references });
    else claims.delete(claim.partition);
    if (outcome === 'applied' && tally) {
      tally.entitiesApplied += contributed.size;
      tally.superseded += entities - contributed.size;
    }
    return outcome;
  }

  private async contributed(keys: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    return keys.length === 0 ? new Map() : this.options.store.contributed(keys);
  }
}

function batchOf<Row>(
  { nextOffset, references }: Claim,
  { sound }: Planned<Row>,
  { claim, changes }: { claim: Claim; changes: PlannedChanges<Row> },
): ViewBatch<Row> {
  // What letters tell is not read again with the log, and they are closed next.
  const closesLetters = [...sound.values()].some(({ redriven }) => redriven.length > 0);
  const mustLast = closesLetters || nextOffset === claim.nextOffset;
  return { claim, nextOffset, references, mustLast, ...changes };
}

/** It is there, at a version that is known. */
function isNewState({ state, version }: Projected<unknown>): boolean {
  return state !== null && version !== undefined;
}
