import type { Envelope } from '@reprise/contracts';
import { callsFor, hasReached, type Clock } from '@reprise/kernel';
import type { ChunkOutcome, ReadRecord, RecordChunk } from '@reprise/log';
import { projector, type AnyView, type Projector } from '@reprise/view';
import type { Claim } from '@reprise/view-store';
import { letterId, type Refused } from '../letters/letter.js';
import type { LetterBook } from '../letters/letter-book.js';
import { LetterKeeper } from '../letters/letter-keeper.js';
import type { JoinedStreams } from '../references/reference-table.js';
import {
  newestStates,
  projectAll,
  refusedBy,
  type Candidate,
  type Prepared,
  type Projected,
} from './candidate.js';
import type { LoadOutcome } from '../loading/partition-loader.js';
import type { FeedTally } from '../measuring/feed-tally.js';
import { BatchApplier, type Planned } from './batch-applier.js';
import { FactPreparer } from './fact-preparer.js';
import { tellNewest } from './newest-told.js';
import { redriveLetters } from './redrive.js';
import type { FeedStore } from './shared-trips.js';
import type { ToldFact } from './fold-facts.js';
import { tell, type Decode } from './told.js';
import { Turns } from './turns.js';

/** What a feeder stands on. Everything that takes time or can fail comes through here. */
export interface FeederPorts<Row> {
  readonly view: AnyView<Row>;
  /** Number of the generation. */
  readonly number: number;
  readonly store: FeedStore<Row>;
  /** Reads what tells an entity's state, of that the declared fields. */
  readonly decode: Decode;
  /** Reads an event, of its state the declared fields. For views that fold events. */
  readonly decodeFact: Decode<Envelope<unknown>>;
  /** The whole record as text, for those who have to judge it; null when it cannot be decoded. */
  readonly describe: (value: Uint8Array) => Promise<string | null>;
  readonly joined: JoinedStreams;
  readonly letters: LetterBook;
  readonly clock: Clock;
  /** Fills a partition that the store says is to be loaded, and makes the store fit for feeding. Left out where nothing ever is. */
  readonly load?: (claim: Claim) => Promise<LoadOutcome>;
  /** Counts, for whoever wants to know. */
  readonly tally?: FeedTally;
}

const projectedAtOnce = 2_000;
const referencesAtOnce = 1_000;

/**
 * Feeds one generation: the engine's logic, without a thread, a timer or a connection of its own. Work on one partition
 * follows one another. A partition is `unclaimed` → `claimed` by {@link claim} → `unclaimed` again as soon as a batch is
 * fenced. What is to be set aside is in the log before the checkpoint moves past it; what a letter told is closed after.
 */
export class Feeder<Row> {
  private readonly claims = new Map<string, Claim>();
  /** After a load: up to which offset only these entities have to be looked at. */
  private readonly unclear = new Map<string, { readonly keys: ReadonlySet<string>; readonly end: bigint }>();
  private readonly turns = new Turns();
  private readonly projector: Projector<Row>;
  private readonly keeper: LetterKeeper;
  private readonly facts: FactPreparer;
  private readonly applier: BatchApplier<Row>;

  constructor(private readonly ports: FeederPorts<Row>) {
    this.projector = projector(ports.view, (stream, key) => ports.joined.lookUp(stream, key));
    this.keeper = new LetterKeeper(ports);
    this.applier = new BatchApplier({ ...ports, projector: this.projector, claims: this.claims });
    this.facts = new FactPreparer({
      ...ports,
      check: (state) => {
        if (state !== null) this.projector.project(state);
      },
    });
  }

  /** The checkpoints of the partitions that are claimed. */
  claimed(): ReadonlyMap<string, Claim> {
    return this.claims;
  }

  /** Takes the partition over and says at which offset to go on. */
  claim(partition: string): Promise<bigint> {
    return this.turns.take(partition, async () => {
      const { store, joined, letters } = this.ports;
      this.claims.delete(partition);
      this.unclear.delete(partition);
      const claim = await store.claim(partition);
      // The owner before us may have seen references and letters that have not come here yet.
      await Promise.all([joined.caughtUp(), letters.caughtUp()]);
      const ready = await this.load(claim);
      this.claims.set(partition, ready);
      return ready.nextOffset;
    });
  }

  release(partition: string): void {
    this.claims.delete(partition);
  }

  apply(chunk: RecordChunk): Promise<ChunkOutcome> {
    return this.turns.take(chunk.partition, async () => {
      const { partition, nextOffset } = chunk;
      if (!this.claims.has(partition)) return 'fenced';
      await this.keeper.eraseGone(partition, chunk.records);
      const prepared = await this.prepare(partition, this.toLookAt(chunk));
      const outcome = await this.commit(partition, prepared, nextOffset);
      if (outcome === 'applied') this.count(chunk, prepared);
      return outcome;
    });
  }

  /** Does what does not come with a record: references that changed, letters to be put through again. */
  catchUp(partition: string): Promise<ChunkOutcome> {
    return this.turns.take(partition, async () => {
      if ((await this.applyReferences(partition)) === 'fenced') return 'fenced';
      if (!this.claims.has(partition)) return 'fenced';
      // The owner before us may have ended before it closed one, or have written one after we had passed it.
      await this.keeper.closeSuperseded(this.ports.letters.unclosedIn(partition));
      return redriveLetters({
        ...this.ports,
        partition,
        prepareFacts: (letters) => this.facts.prepare(partition, [], letters),
        commit: (prepared) => this.commit(partition, prepared, this.claims.get(partition)?.nextOffset),
        reproject: (keys) => this.reproject(partition, keys),
      });
    });
  }

  private async prepare(partition: string, records: readonly ReadRecord[]): Promise<Prepared> {
    const { view, decode, decodeFact } = this.ports;
    const placed = ({ offset, key, value, entityVersion }: ReadRecord) => {
      return { partition, offset, key, value, entityVersion };
    };
    if (!view.fold) return newestStates(await tellNewest(records, (record) => tell(placed(record), decode)));
    const told: ToldFact[] = [];
    for (const record of records) told.push(await tell(placed(record), decodeFact));
    return this.facts.prepare(partition, told);
  }

  private async load(claim: Claim): Promise<Claim> {
    if (!this.ports.load) {
      if (claim.loading === '') return claim;
      throw new RangeError(`${claim.partition} is to be loaded, and nobody does`);
    }
    const { claim: loaded, unclear, end } = await this.ports.load(claim);
    if (unclear && unclear.size > 0) this.unclear.set(claim.partition, { keys: unclear, end });
    return loaded;
  }

  private toLookAt({ partition, records }: RecordChunk): readonly ReadRecord[] {
    const unclear = this.unclear.get(partition);
    if (!unclear) return records;
    if (records.every(({ offset }) => offset >= unclear.end)) this.unclear.delete(partition);
    return records.filter(({ offset, key }) => offset >= unclear.end || unclear.keys.has(key));
  }

  /** Projects again what refers to something that changed since the checkpoint. */
  private async applyReferences(partition: string): Promise<ChunkOutcome> {
    const { joined, store } = this.ports;
    const claim = this.claims.get(partition);
    const reached = joined.positions();
    if (!claim || hasReached(claim.references, reached)) return 'applied';
    const isEmpty = claim.nextOffset === 0n && claim.loadedTo === 0n;
    const changed = isEmpty ? [] : joined.changedSince(claim.references);
    for (let from = 0; from < changed.length; from += referencesAtOnce) {
      const references = changed.slice(from, from + referencesAtOnce);
      for await (const page of store.dependents({ partition, references }))
        for (let first = 0; first < page.length; first += projectedAtOnce) {
          const keys = page.slice(first, first + projectedAtOnce);
          if ((await this.reproject(partition, keys)) === 'fenced') return 'fenced';
        }
    }
    return this.applier.apply({ ...claim, references: reached }, { sound: new Map() }, claim);
  }

  private async reproject(partition: string, keys: readonly string[]): Promise<ChunkOutcome> {
    const claim = this.claims.get(partition);
    if (!claim) return 'fenced';
    const known = await this.ports.store.contributed(keys);
    const candidates = new Map<string, Candidate>();
    for (const [key, { version, state }] of known) {
      if (state === null) continue;
      const content = { kind: 'undecodable', cause: 'it was read from what the view keeps of it' } as const;
      const place = { partition, offset: claim.nextOffset, key, entityVersion: undefined, isKept: true };
      const redriven = [letterId(this.ports.view.name, this.ports.number, place)];
      candidates.set(key, { key, version, state, told: [{ ...place, value: null, content }], redriven });
    }
    return this.commit(partition, { candidates, refused: [] }, claim.nextOffset);
  }

  /** Sets aside, writes, moves the checkpoint, closes letters; in this order. */
  private async commit(
    partition: string,
    prepared: Prepared,
    nextOffset: bigint | undefined,
  ): Promise<ChunkOutcome> {
    const claim = this.claims.get(partition);
    if (!claim || nextOffset === undefined) return 'fenced';
    const { sound, refused } = projectAll(this.projector, prepared.candidates);
    await this.setAside([...prepared.refused, ...refused]);
    const { prior } = prepared;
    const outcome = await this.write({ ...claim, nextOffset }, { sound, prior }, claim);
    if (outcome === 'applied') await this.keeper.closeApplied(partition, [...sound.values()]);
    return outcome;
  }

  /** An entity whose rows the store refuses is set aside, and all others are applied without it. */
  private async write(target: Claim, planned: Planned<Row>, claim: Claim): Promise<ChunkOutcome> {
    try {
      return await this.applier.apply(target, planned, claim);
    } catch (failure) {
      if (!callsFor(failure, 'set-aside')) throw failure;
      const refused: Refused[] = [];
      if ((await this.isolate([...planned.sound.values()], claim, refused)) === 'fenced') return 'fenced';
      await this.setAside(refused);
      return this.applier.apply(target, { sound: new Map() }, claim);
    }
  }

  private async setAside(refused: readonly Refused[]): Promise<void> {
    await this.keeper.park(refused);
    if (this.ports.tally) this.ports.tally.setAside += refused.length;
  }

  /** A history view passes over nothing in its chunks: every event counts. */
  private count({ partition, records }: RecordChunk, { candidates, refused }: Prepared): void {
    const { tally, view } = this.ports;
    if (!tally) return;
    if (!view.fold) tally.superseded += Math.max(0, records.length - candidates.size - refused.length);
    tally.appliedUpTo(partition, records.at(-1)?.timestampMs);
  }

  /** Applies halves of halves without moving the checkpoint, until those that are refused stand alone. */
  private async isolate(
    candidates: readonly Projected<Row>[],
    claim: Claim,
    refused: Refused[],
  ): Promise<ChunkOutcome> {
    if (candidates.length === 0) return 'applied';
    try {
      return await this.applier.apply(claim, { sound: byKey(candidates) }, claim);
    } catch (failure) {
      if (!callsFor(failure, 'set-aside')) throw failure;
      const [first] = candidates;
      if (candidates.length === 1 && first) {
        refused.push(...refusedBy(first, 'row-refused', failure));
        return 'applied';
      }
      const middle = Math.ceil(candidates.length / 2);
      const outcome = await this.isolate(candidates.slice(0, middle), claim, refused);
      return outcome === 'fenced' ? outcome : this.isolate(candidates.slice(middle), claim, refused);
    }
  }
}

function byKey<Row>(candidates: readonly Projected<Row>[]): ReadonlyMap<string, Projected<Row>> {
  return new Map(candidates.map((candidate) => [candidate.key, candidate]));
}
