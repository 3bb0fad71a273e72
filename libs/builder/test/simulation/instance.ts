import type { DeadLetter, RedriveRequest } from '@reprise/contracts';
import { CodedError, callsFor } from '@reprise/kernel';
import { FetchSequencer, type ChunkOutcome, type Fetch } from '@reprise/log';
import type { GenerationStore } from '@reprise/view-store';
import { Feeder } from '../../src/feeding/feeder.js';
import { SharedTrips } from '../../src/feeding/shared-trips.js';
import { Letters, type LetterBook } from '../../src/letters/letter-book.js';
import { ReferenceTable, type JoinedStreams } from '../../src/references/reference-table.js';
import { simulatedLoads } from './loads.js';
import type { Scheduler } from './scheduler.js';
import { partitions, referencePartition, viewOf, type SimRow, type World } from './world.js';

export type Fault = 'none' | 'never' | 'before' | 'later';

/** As the stream of letters has them. */
export interface ToldLetter {
  readonly letter: DeadLetter;
  readonly isErased: boolean;
}

export interface InstanceOptions {
  readonly world: World;
  /** What it feeds. */
  readonly number: number;
  readonly letters: readonly ToldLetter[];
  readonly requests: readonly RedriveRequest[];
  /** Writes letters. */
  readonly tell: (letters: readonly ToldLetter[]) => void;
  readonly scheduler: Scheduler;
  readonly store: GenerationStore<SimRow>;
  /** Whether a call fails now, and when it has its effect: never, before that, or later, when nobody waits for it any more. */
  readonly fails: () => Fault;
}

/**
 * One builder process: the engine's own logic over a client, a joined stream and a book of letters that are as late and as
 * unreliable as the real ones. It can be killed at any step: then nothing that it waits for ever comes.
 */
export class Instance {
  readonly fatal: unknown[] = [];
  private readonly store: GenerationStore<SimRow>;
  private readonly feeder: Feeder<SimRow>;
  private readonly sequencer: FetchSequencer;
  private readonly table = new ReferenceTable();
  private readonly letters = new Letters();
  private namesRead = 0;
  private lettersRead = 0;
  /** The client's own idea of where to fetch, by partition. */
  private readonly positions = new Map<string, bigint>();
  /** A seek that the client will heed at its next fetch. */
  private readonly seeks = new Map<string, bigint>();
  private membership = {};
  private fetching = 0;
  private isCatchingUp = false;
  private isDead = false;

  constructor(private readonly options: InstanceOptions) {
    const { world } = options;
    this.store = this.unreliable(options.store);
    const decode = async (value: Uint8Array) => {
      await this.turn();
      return world.decode(value);
    };
    const joined = this.joined();
    this.feeder = new Feeder<SimRow>({
      view: viewOf(world),
      number: options.number,
      store: new SharedTrips(this.store, () => this.turn()),
      decode,
      decodeFact: decode,
      describe: () => Promise.resolve(null),
      joined,
      load: simulatedLoads({
        world,
        store: this.store,
        joined,
        isCurrent: (partition) => this.positions.has(partition),
        turn: () => this.turn(),
      }),
      letters: this.book(),
      clock: { nowMs: () => 0 },
    });
    this.sequencer = new FetchSequencer({
      handler: {
        claim: (partition) => this.feeder.claim(partition),
        apply: (chunk) => this.feeder.apply(chunk),
        assigned: (owned) => {
          for (const id of this.feeder.claimed().keys()) if (!owned.includes(id)) this.feeder.release(id);
        },
        troubled: () => undefined,
      },
      maxChunkRecords: 3,
      seek: (partition, offset) => {
        this.seeks.set(partition, offset);
      },
      pause: () => this.turn(),
      every: () => () => undefined,
      nowMs: () => 0,
      onFatal: (reason) => {
        this.fatal.push(reason);
      },
    });
  }

  get alive(): boolean {
    return !this.isDead;
  }

  /** Nothing is under way. */
  get quiet(): boolean {
    return this.fetching === 0 && !this.isCatchingUp;
  }

  /** For whoever looks why there is no rest. */
  standing(): string {
    const claims = [...this.feeder.claimed()].map(
      ([id, { epoch, nextOffset, references }]) =>
        `${id}@${nextOffset} epoch ${epoch} names ${references.get(referencePartition)}`,
    );
    return `[feeder ${claims.join()}; assigned ${this.sequencer.assignedPartitions().join()}; reads ${[...this.sequencer.positions().keys()].join()}]`;
  }

  kill(): void {
    this.isDead = true;
    this.options.scheduler.forget(this);
  }

  /** What the group gives it: a new membership, which begins to fetch at offset zero. */
  assign(owned: readonly string[]): void {
    this.membership = {};
    this.positions.clear();
    this.seeks.clear();
    for (const id of owned) this.positions.set(id, 0n);
    this.sequencer.assign(owned);
  }

  /**
   * Fetches some records of a partition and hands them over a while later, when a seek or a new membership may have come
   * in between. As with the real client, a fetch counts as stale only while a seek waits to be heeded.
   */
  async fetch(partition: string): Promise<void> {
    if (this.isDead || !this.positions.has(partition) || this.fetching >= 3) return;
    const from = this.seeks.get(partition) ?? this.positions.get(partition) ?? 0n;
    this.seeks.delete(partition);
    this.positions.set(partition, from);
    const fetched = this.fetchedFrom(partition, from);
    if (!fetched) return;
    const { membership } = this;
    const isCurrent = (): boolean => this.membership === membership && !this.seeks.has(partition);
    this.fetching += 1;
    try {
      await this.turn();
      if (!isCurrent()) return;
      await this.sequencer.onFetch(fetched, {
        isCurrent,
        heartbeat: () => Promise.resolve(),
        resolve: (next) => {
          if (this.membership === membership) this.positions.set(partition, next);
        },
      });
    } finally {
      this.fetching -= 1;
    }
  }

  /** What comes with a timer: references, letters, requests. */
  async tick(): Promise<void> {
    if (this.isDead || this.isCatchingUp) return;
    this.isCatchingUp = true;
    for (const partition of [...this.feeder.claimed().keys()]) {
      await this.unlessAway(() => this.feeder.catchUp(partition));
      if (!this.feeder.claimed().has(partition)) this.sequencer.reclaim(partition);
    }
    await this.unlessAway(() => this.settle());
    this.isCatchingUp = false;
  }

  /** A store that stands before what it acknowledged is read to again from there, as the runner of a generation does it. */
  private async settle(): Promise<void> {
    const applied = [...this.feeder.claimed()].map(([id, { nextOffset }]) => [id, nextOffset] as const);
    const visible = await this.store.settle();
    for (const [id, nextOffset] of applied) {
      const isStill = this.feeder.claimed().get(id)?.nextOffset === nextOffset;
      if (!isStill || (visible.get(id) ?? 0n) >= nextOffset) continue;
      this.feeder.release(id);
      this.sequencer.reclaim(id);
    }
  }

  private async unlessAway(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      if (!callsFor(failure, 'retry')) this.fatal.push(failure);
    }
  }

  /** Reads on in the joined stream and in the stream of letters. */
  readOn(): void {
    const { names } = this.options.world;
    const name = names[this.namesRead];
    if (name) {
      const { key, version, label: state, offset } = name;
      this.table.take({ stream: 'names', key, version, state, partition: referencePartition, offset });
      this.namesRead += 1;
    }
    this.readLetter();
  }

  private readLetter(): void {
    const told = this.options.letters[this.lettersRead];
    if (!told) return;
    if (told.isErased) this.letters.forget(told.letter.letterId);
    else this.letters.take(told.letter);
    this.lettersRead += 1;
  }

  get hasReadAll(): boolean {
    const { world, letters } = this.options;
    return this.namesRead === world.names.length && this.lettersRead === letters.length;
  }

  /** Until everything is here that is written now. */
  private async readLetters(): Promise<void> {
    const end = this.options.letters.length;
    while (this.lettersRead < end) {
      await this.turn();
      this.readLetter();
    }
  }

  private fetchedFrom(partition: string, from: bigint): Fetch | undefined {
    const { world, scheduler } = this.options;
    const endOffset = world.ends.get(partition) ?? 0n;
    if (from >= endOffset) return undefined;
    const all = (world.logs.get(partition) ?? []).filter(({ offset }) => offset >= from);
    const records = all.slice(0, 1 + scheduler.random.below(5));
    const last = records.at(-1);
    const nextOffset = records.length === all.length || !last ? endOffset : last.offset + 1n;
    return { partition, fetchedOffset: from, records, nextOffset, endOffset };
  }

  private joined(): JoinedStreams {
    const { world } = this.options;
    const positions = () => new Map([[referencePartition, BigInt(this.namesRead)]]);
    if (world.kind !== 'states')
      return {
        lookUp: () => null,
        positions: () => new Map(),
        changedSince: () => [],
        caughtUp: () => this.turn(),
      };
    return {
      lookUp: (stream, key) => this.table.lookUp(stream, key),
      positions,
      changedSince: (since) => this.table.changedSince(since),
      caughtUp: async () => {
        const end = world.names.length;
        while (this.namesRead < end) await this.turn();
      },
    };
  }

  private book(): LetterBook {
    const { requests, tell } = this.options;
    const write = async (letters: readonly DeadLetter[], isErased: boolean): Promise<void> => {
      await this.call(() => {
        tell(letters.map((letter) => ({ letter, isErased })));
        return Promise.resolve();
      });
      await this.readLetters();
    };
    return {
      caughtUp: () => this.readLetters(),
      find: (id) => this.letters.find(id),
      hasAny: () => this.letters.hasAny(),
      lettersOf: (partition, key) => this.letters.lettersOf(partition, key),
      unclosedOf: (partition, key) => this.letters.unclosedOf(partition, key),
      unclosedIn: (partition) => this.letters.unclosedIn(partition),
      requestFor: (id) => requests.findLast(({ letterId }) => letterId === id),
      put: (letters) => write(letters, false),
      erase: (letters) => write(letters, true),
    };
  }

  private unreliable(store: GenerationStore<SimRow>): GenerationStore<SimRow> {
    const late = this.turn.bind(this);
    const { scheduler } = this.options;
    return {
      open: (all, options) => store.open(all, options),
      claim: (partition) => this.call(() => store.claim(partition)),
      contributed: (entities) => this.call(() => store.contributed(entities)),
      apply: (batch): Promise<ChunkOutcome> => this.call(() => store.apply(batch)),
      applyUnread: (batch) => this.call(() => store.applyUnread(batch)),
      applyTogether: (batches) => this.call(() => store.applyTogether(batches)),
      load: (batch): Promise<ChunkOutcome> => this.call(() => store.load(batch)),
      finishLoad: () => this.call(() => store.finishLoad()),
      dependents: async function* (query) {
        const pages = store.dependents(query)[Symbol.asyncIterator]();
        for (;;) {
          const page = await scheduler.during(pages.next());
          if (page.done === true) return;
          await late();
          yield page.value;
        }
      },
      settle: () => this.call(() => store.settle()),
      positions: () => store.positions(),
      mayShow: () => store.mayShow(),
      seal: () => store.seal(),
      scan: (work) => store.scan(work),
      rowText: (row) => store.rowText(row),
      contents: () => store.contents(),
      drop: () => store.drop(),
    };
  }

  /** The connection may break: what it was for may have happened then, or not, or happens yet, whatever became of us. */
  private async call<Result>(work: () => Promise<Result>): Promise<Result> {
    const { scheduler, world, fails } = this.options;
    await this.turn();
    const fault = fails();
    if (fault === 'later')
      void scheduler.turn(world).then(() => scheduler.during(work()).catch(() => undefined));
    if (fault === 'later' || fault === 'never') throw connectionBroke();
    const result = await scheduler.during(work());
    await this.turn();
    if (fault === 'before') throw connectionBroke();
    return result;
  }

  private turn(): Promise<void> {
    return this.isDead ? never : this.options.scheduler.turn(this);
  }
}

/** What a dead process waits for. */
const never = new Promise<void>(() => undefined);

export const allPartitions: readonly string[] = partitions;

function connectionBroke(): CodedError {
  return new CodedError('store-away', 'the connection broke', { decision: 'retry' });
}
