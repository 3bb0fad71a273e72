import { CodedError, furthest, messageOf, partitionId, type Clock, type Positions } from '@reprise/kernel';
import {
  farBehindRecords,
  LogAdmin,
  PartitionReader,
  type LogConnection,
  type RecordChunk,
} from '@reprise/log';
import { consumerGroup, type AnyView } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import { decodersOf } from './feeding/decoders.js';
import { Feeder } from './feeding/feeder.js';
import { SharedTrips } from './feeding/shared-trips.js';
import { FlipStance, showsAllOf } from './flip-stance.js';
import { GenerationLoads } from './loading/generation-loads.js';
import { Pacer, type Pace } from './pacer.js';
import { restAfter, SettleTimes } from './rest-after.js';
import { FeedTally } from './measuring/feed-tally.js';
import type { LetterBook } from './letters/letter-book.js';
import type { JoinedStreams } from './references/reference-table.js';

export interface GenerationRunnerOptions<Row> {
  readonly view: AnyView<Row>;
  readonly number: number;
  readonly store: GenerationStore<Row>;
  readonly connection: LogConnection;
  readonly joined: JoinedStreams;
  readonly letters: LetterBook;
  readonly clock: Clock;
  /** Whether the log says that this generation is to be fed, now. */
  readonly isFed: () => Promise<boolean>;
  /** What this process has applied to the live generation that is held still before a flip; undefined while none is. */
  readonly heldStill: () => Positions | undefined;
  readonly onFatal: (reason: unknown) => void;
  /** It got on in a way that others wait for: loads ended, and readers see what they brought. */
  readonly onStep: () => void;
  /** Memory for what it holds at once, in megabytes. Default 256. */
  readonly workMemoryMb?: number;
  /** Told of every chunk how long it took. */
  readonly onChunk?: (durationMs: number) => void;
}

/** What a runner has done so far, in this process. */
export interface GenerationProgress {
  readonly recordsRead: number;
  /** The source's partitions that this process owns. */
  readonly partitions: readonly string[];
  /**
   * What readers see, of the source and of the streams it joins. Of a generation that is complete and not live, what is applied: a
   * flip shows it; also of one that is still, which shows no more than that. Undefined before the first settle.
   */
  readonly reached: Positions | undefined;
  readonly problem: string | undefined;
  /** Before a flip the live one is still: nothing of it changes. The one to go live approaches what that shows. */
  readonly phase: 'loading' | 'sealing' | 'feeding' | 'paused' | 'still' | 'approaching';
  readonly tally: FeedTally;
}

/** Between two settles before a flip. */
const approachRestMs = 10;

/**
 * Feeds one generation: a reader of its partitions, a {@link Feeder}, and a timer that shows readers what was applied and
 * does what does not come with a record. States: `stopped` → `running` → `stopped`.
 */
export class GenerationRunner<Row> {
  private readonly reader: PartitionReader;
  private readonly feeder: Feeder<Row>;
  private owned: readonly string[] = [];
  private recordsRead = 0;
  private visible: Positions | undefined;
  /** Records that waited behind the last chunk, by partition. */
  private readonly waiting = new Map<string, bigint>();
  private readonly settles = new SettleTimes();
  /** What keeps the reader, and what keeps the timer, from going on. */
  private readonly problems = new Map<'reading' | 'settling', string>();
  private unsettled = true;
  private hasLoaded = false;
  private hasNews = false;
  private sealed = false;
  private stopping = false;
  private readonly stance = new FlipStance(() => {
    this.options.onStep();
  });
  private readonly admin: LogAdmin;
  private readonly loads: GenerationLoads<Row>;
  private readonly pacer = new Pacer();
  private readonly tally = new FeedTally();
  private ticking: NodeJS.Timeout | undefined;
  private ticked: Promise<void> = Promise.resolve();

  constructor(private readonly options: GenerationRunnerOptions<Row>) {
    const { view, number, connection, onFatal } = options;
    this.admin = new LogAdmin(connection);
    this.loads = this.openLoads();
    this.feeder = new Feeder({
      ...options,
      store: new SharedTrips(options.store),
      tally: this.tally,
      load: (claim) => this.loads.load(claim),
      ...decodersOf(view, connection),
    });
    this.reader = new PartitionReader({
      connection,
      groupId: consumerGroup(view.name, number),
      topics: [view.source.topic],
      handler: {
        claim: (partition) => this.claim(partition),
        apply: (chunk) => this.apply(chunk),
        assigned: (partitions) => {
          this.owned = partitions;
          for (const id of this.feeder.claimed().keys())
            if (!partitions.includes(id)) this.feeder.release(id);
        },
        troubled: (reason) => {
          this.note('reading', reason);
        },
      },
      maxChunkRecords: 6_000,
      concurrency: 6,
      onFatal,
    });
  }

  /** @throws CodedError `retry` when the store or the broker is away; nothing is left running then. */
  async start(): Promise<void> {
    try {
      await this.requireDeclaredPartitions();
      await this.open();
      await this.reader.start();
    } catch (failure) {
      await this.reader.stop();
      await Promise.all([this.loads.stop(), this.admin.stop()]);
      throw failure;
    }
    this.tickSoon();
  }

  /** The bulk of the load is over: builds what readers need. Does nothing the second time. */
  async seal(): Promise<void> {
    if (this.sealed) return;
    await this.options.store.seal();
    this.sealed = true;
  }

  /** References, letters or requests changed: what follows from that is done within a moment. */
  notify(): void {
    this.hasNews = true;
  }

  /** Finishes the chunks in hand, and shows readers all that was applied. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.stance.stop();
    this.pacer.stop();
    clearTimeout(this.ticking);
    await this.reader.stop();
    await this.ticked;
    if (this.unsettled) await this.settle();
    await Promise.all([this.loads.stop(), this.admin.stop()]);
  }

  /** Takes effect with the next records. */
  set pace(pace: Pace) {
    this.pacer.set(pace);
  }

  /** Whether it is the view's live generation: then it is told what readers see. */
  set isLive(isLive: boolean) {
    this.stance.isLive = isLive;
  }

  /** A flip comes: if it is the live one nothing of it changes for so long, and if not it shows what it has at once. */
  prepareFlip(mostMs: number): void {
    this.stance.prepare(mostMs);
    this.tickNow();
  }

  /** The flip was made: everything goes on, the one that was live after so long; as long nothing more is shown of the other. */
  endFlip(waitMs: number): void {
    this.stance.end(waitMs);
  }

  progress(): GenerationProgress {
    const { recordsRead, owned, reached, tally, phase } = this;
    const problem = [...this.problems.values()][0];
    return { recordsRead, partitions: owned, reached, problem, phase, tally };
  }

  /** A limit is for all builders together: each takes its share of it, by the partitions that it owns. */
  private holdBack(records: number): Promise<void> {
    const share = this.owned.length / this.options.view.source.partitions;
    return this.pacer.let(share === 0 ? records : records / share);
  }

  private openLoads(): GenerationLoads<Row> {
    return new GenerationLoads({
      ...this.options,
      tally: this.tally,
      onLoaded: async (offsets) => {
        this.recordsRead += offsets;
        await this.holdBack(offsets);
      },
      onEnd: () => {
        this.hasLoaded = true;
        this.unsettled = true;
        this.tickNow();
      },
      isCurrent: (partition) => this.owned.includes(partition) && !this.stopping,
    });
  }

  /** Keys would be looked for where they are not. */
  private async requireDeclaredPartitions(): Promise<void> {
    const { topic, partitions } = this.options.view.source;
    const found = (await this.admin.endOffsets([topic])).size;
    if (found === partitions) return;
    const what = `stream ${topic} has ${found} partitions, and is declared with ${partitions}`;
    throw new CodedError('stream-differs', `${what}: copy it to a new stream`, { decision: 'retry' });
  }

  private async claim(partition: string): Promise<bigint> {
    try {
      const offset = await this.feeder.claim(partition);
      this.hasNews = true;
      return offset;
    } catch (failure) {
      if (isMissing(failure) && (await this.options.isFed())) await this.reopen();
      throw failure;
    }
  }

  /** The store lost all that it had: everything is read again. */
  private async reopen(): Promise<void> {
    await this.open();
    if (this.sealed) await this.options.store.seal();
  }

  private async open(): Promise<void> {
    const { topic, partitions } = this.options.view.source;
    await this.options.store.open(
      Array.from({ length: partitions }, (_, partition) => partitionId({ topic, partition })),
      { load: this.options.view.fold === undefined },
    );
  }

  private async apply(chunk: RecordChunk): Promise<'applied' | 'fenced'> {
    await this.holdBack(chunk.records.length);
    const beganMs = performance.now();
    const outcome = await this.stance.run(() => this.feeder.apply(chunk));
    this.options.onChunk?.(performance.now() - beganMs);
    this.recordsRead += chunk.records.length;
    this.waiting.set(chunk.partition, chunk.endOffset - chunk.nextOffset);
    this.unsettled = true;
    return outcome;
  }

  private note(where: 'reading' | 'settling', reason: string | undefined): void {
    if (reason === undefined) this.problems.delete(where);
    else this.problems.set(where, reason);
  }

  private tickSoon(waitMs = restAfter(0, this.stance)): void {
    this.ticking = setTimeout(() => {
      this.ticking = undefined;
      let tookMs = 0;
      const work = async (): Promise<void> => {
        const beganMs = performance.now();
        await this.tick();
        tookMs = performance.now() - beganMs;
      };
      this.ticked = this.stance.run(work).finally(() => {
        if (!this.stopping)
          this.tickSoon(this.isApproaching ? approachRestMs : restAfter(tookMs, this.stance));
      });
    }, waitMs);
  }

  /** Instead of in a moment, unless it does so already. */
  private tickNow(): void {
    if (this.ticking === undefined || this.stopping) return;
    clearTimeout(this.ticking);
    this.tickSoon(0);
  }

  private async tick(): Promise<void> {
    if (this.hasNews) await this.catchUp();
    if (this.stance.isResting || this.hasArrived) return;
    const { unsettled, hasLoaded, isFarBehind } = this;
    if (this.settles.isDue({ unsettled, hasLoaded, isFarBehind }))
      await this.settles.measure(() => this.settle());
  }

  private get isApproaching(): boolean {
    return this.stance.phase === 'approaching';
  }

  /** Before a flip: readers see no less of what is ours than those of the live generation. More of it can wait until after. */
  private get hasArrived(): boolean {
    const still = this.isApproaching ? this.options.heldStill() : undefined;
    return still !== undefined && showsAllOf(still, { visible: this.visible, partitions: this.owned });
  }

  private get phase(): GenerationProgress['phase'] {
    return this.pacer.isPaused ? 'paused' : (this.stance.phase ?? this.loads.phase);
  }

  private get reached(): Positions | undefined {
    if (!this.visible || !this.sealed || this.stance.tellsWhatShows) return this.visible;
    const applied = [...this.feeder.claimed()].map(([id, { nextOffset }]) => [id, nextOffset] as const);
    return furthest(this.visible, new Map(applied));
  }

  private get isFarBehind(): boolean {
    return this.owned.some((id) => (this.waiting.get(id) ?? 0n) > farBehindRecords);
  }

  /** What fails here is tried again at the next tick. */
  private async catchUp(): Promise<void> {
    this.hasNews = false;
    for (const partition of [...this.feeder.claimed().keys()]) {
      if (this.stopping) return;
      try {
        await this.feeder.catchUp(partition);
        this.note('settling', undefined);
      } catch (failure) {
        this.hasNews = true;
        this.note('settling', messageOf(failure));
      }
      this.unsettled = true;
      if (!this.feeder.claimed().has(partition)) this.reader.reclaim(partition);
    }
  }

  /** A store that is away is found by the next batch, which waits for it; here it only means: not visible yet. */
  private async settle(): Promise<void> {
    this.unsettled = false;
    const applied = [...this.feeder.claimed()].map(([id, { nextOffset }]) => [id, nextOffset] as const);
    try {
      const visible = await this.options.store.settle();
      this.visible = visible;
      if (this.hasLoaded || this.isApproaching) this.options.onStep();
      this.hasLoaded = false;
      for (const [id, nextOffset] of applied)
        if ((visible.get(id) ?? 0n) < nextOffset) this.goBack(id, nextOffset);
      this.note('settling', undefined);
    } catch (failure) {
      this.unsettled = true;
      this.note('settling', messageOf(failure));
    }
  }

  /** The store forgot what it had acknowledged, as one that lost its last second: it is read again from where it stands. */
  private goBack(partition: string, nextOffset: bigint): void {
    if (this.feeder.claimed().get(partition)?.nextOffset !== nextOffset) return;
    this.feeder.release(partition);
    this.reader.reclaim(partition);
  }
}

function isMissing(failure: unknown): boolean {
  return failure instanceof CodedError && failure.code === 'generation-missing';
}
