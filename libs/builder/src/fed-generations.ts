import type { Generation, GenerationReport, ViewGenerations } from '@reprise/contracts';
import { CodedError, messageOf, parsePartitionId, partitionId, type Positions } from '@reprise/kernel';
import { LogAdmin } from '@reprise/log';
import { consumerGroup, generationName, isFed, parseStatus, type GenerationStatus } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import type { BuilderOptions } from './builder.js';
import { flipNews, longestApproachMs } from './flip-news.js';
import { heldStill } from './flip-stance.js';
import { GenerationRunner, type GenerationProgress } from './generation-runner.js';
import type { LetterBook } from './letters/letter-book.js';
import type { LetterStream } from './letters/letter-stream.js';
import { ReferenceLetters } from './letters/reference-letters.js';
import type { FollowedStreams } from './references/joined-streams.js';
import { RateMeter, reportDropped, reportGeneration, reportRefused } from './report.js';
import { workSizes } from './work-sizes.js';
import type { Verifiable } from './verifying/verification-desk.js';
import type { VerificationReport } from './verifying/verification.js';

export interface FedGenerationsOptions<Row> extends BuilderOptions<Row> {
  readonly joined: FollowedStreams;
  readonly letters: LetterStream;
  readonly fingerprint: string;
  /** Whether the log says that this generation is to be fed, now. */
  readonly isFed: (number: number) => Promise<boolean>;
  /** Something has to be looked at again in a moment. */
  readonly again: (waitMs: number) => void;
  /** There is something to report that others wait for. */
  readonly onStep: () => void;
  /** Told of every chunk how long it took. */
  readonly onChunk: (durationMs: number) => void;
}

/** Requests that began on a generation before it was retired still read it for this long. */
const dropGraceMs = 5_000;
/** Query services go over in that time: until then what they leave shows nothing more. */
const goOverMs = 250;

interface Running<Row> {
  readonly runner: GenerationRunner<Row>;
  readonly referenceLetters: ReferenceLetters;
  readonly meter: RateMeter;
  readonly letters: LetterBook;
  readonly store: GenerationStore<Row>;
}

/** The generations of one view that this process feeds, and what it knows of those that it no longer does. */
export class FedGenerations<Row> {
  private readonly admin: LogAdmin;
  private readonly running = new Map<number, Running<Row>>();
  /** Of which something may be in the store by our doing. */
  private readonly opened = new Set<number>();
  private readonly dropped = new Set<number>();
  /** Why this process does not feed a generation that it should. */
  private readonly refused = new Map<number, string>();
  private live: number | null = null;

  constructor(private readonly options: FedGenerationsOptions<Row>) {
    this.admin = new LogAdmin(options.connection);
  }

  /** Feeds it, or stops and drops it, by its status. */
  async take(generation: Generation): Promise<void> {
    const status = parseStatus(generation.status);
    if (!isFed(status)) await this.retire(generation);
    else if (generation.definitionVersion === this.options.view.version) await this.run(generation, status);
  }

  /** A flip that comes, or was made, concerns the two generations at once: it waits for nothing else that changes. */
  noteFlip(before: ViewGenerations | undefined, after: ViewGenerations): void {
    this.live = after.live;
    const news = flipNews(before, after, this.options.clock.nowMs());
    for (const [number, { runner }] of this.running) {
      runner.isLive = number === after.live;
      const isConcerned = number === after.live || number === after.flipAnnounced?.number;
      if (news === 'announced' && isConcerned) runner.prepareFlip(longestApproachMs);
      if (news === 'made') runner.endFlip(goOverMs);
    }
  }

  /** What they do goes on in a moment by what came of joined streams. */
  notify(): void {
    for (const { runner } of this.running.values()) runner.notify();
  }

  /** By number, of those that are fed here. */
  progress(): ReadonlyMap<number, GenerationProgress> {
    return new Map([...this.running].map(([number, { runner }]) => [number, runner.progress()]));
  }

  reports(
    seen: { ends: Positions; nowMs: number },
    verificationOf: (number: number) => VerificationReport | null,
  ): GenerationReport[] {
    const { ends, nowMs } = seen;
    const { source } = this.options.view;
    const joined = [...ends.keys()].filter((id) => parsePartitionId(id).topic !== source.topic);
    const fed = [...this.running].map(([number, { runner, meter }]) => {
      const progress = runner.progress();
      const recordsPerSecond = meter.rate(progress.recordsRead, nowMs);
      const verification = verificationOf(number);
      return reportGeneration(number, { ...progress, verification }, { ends, joined, recordsPerSecond });
    });
    return [
      ...fed,
      ...[...this.refused].map(([number, reason]) => reportRefused(number, reason)),
      ...[...this.dropped].map(reportDropped),
    ];
  }

  async stopFeeding(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ runner }) => runner.stop()));
  }

  /** After the last report. */
  stop(): Promise<void> {
    return this.admin.stop();
  }

  private async run(generation: Generation, status: GenerationStatus): Promise<void> {
    const { number, fingerprint, definitionVersion } = generation;
    if (fingerprint !== '' && fingerprint !== this.options.fingerprint) {
      const what = `the projection's code changed under version ${definitionVersion}`;
      this.refused.set(
        number,
        `${what}: raise the version, or run the code that the generation was begun with`,
      );
      return;
    }
    if (!this.running.has(number)) await this.launchOrRefuse(number);
    const runner = this.running.get(number)?.runner;
    if (!runner) return;
    runner.pace = generation;
    runner.isLive = status === 'live';
    if (status !== 'building') await runner.seal();
  }

  /** A stream or a table that is not what it is declared to be keeps up only who uses it. */
  private async launchOrRefuse(number: number): Promise<void> {
    try {
      await this.launch(number);
      this.refused.delete(number);
    } catch (failure) {
      if (!(failure instanceof CodedError) || !['stream-differs', 'layout-differs'].includes(failure.code))
        throw failure;
      this.refused.set(number, failure.message);
      this.options.again(dropGraceMs);
    }
  }

  verifiable(number: number): Verifiable | undefined {
    const { view, connection } = this.options;
    const running = this.running.get(number);
    if (!running) return undefined;
    const first = partitionId({ topic: view.source.topic, partition: 0 });
    return {
      view,
      connection,
      joined: this.options.joined,
      letters: running.letters,
      store: running.store,
      sizes: workSizes(this.options.workMemoryMb),
      isOurs: running.runner.progress().partitions.includes(first),
    };
  }

  private async launch(number: number): Promise<void> {
    const { view, store, logger, clock } = this.options;
    const name = generationName(view.name, number);
    const letters = this.options.letters.book(number);
    const held = store.generation(name);
    const runner = new GenerationRunner({
      ...this.options,
      number,
      store: held,
      joined: this.options.joined,
      letters,
      isFed: () => this.options.isFed(number),
      heldStill: () => heldStill(this.liveProgress),
    });
    const referenceLetters = new ReferenceLetters({ view: view.name, number, letters, clock });
    for (const { reason, record } of this.options.joined.undecodable())
      await referenceLetters.undecodable(reason, record);
    this.opened.add(number);
    await runner.start();
    const kept = { runner, referenceLetters, letters, store: held, meter: new RateMeter() };
    this.running.set(number, kept);
    logger.info({ generation: name }, 'feeding');
  }

  private get liveProgress(): GenerationProgress | undefined {
    return this.live === null ? undefined : this.running.get(this.live)?.runner.progress();
  }

  private async retire({ number, statusSince, dropped }: Generation): Promise<void> {
    this.refused.delete(number);
    // What we opened because we heard of it late is dropped, also when somebody else dropped it before.
    if (!this.opened.has(number) && (dropped || this.dropped.has(number))) return;
    await this.running.get(number)?.runner.stop();
    this.running.delete(number);
    const waitMs = statusSince + dropGraceMs - this.options.clock.nowMs();
    if (waitMs > 0) {
      this.options.again(waitMs);
      return;
    }
    const name = generationName(this.options.view.name, number);
    await this.options.store.generation(name).drop();
    await this.admin.deleteGroup(consumerGroup(this.options.view.name, number));
    await this.options.letters.forget(number);
    this.opened.delete(number);
    this.dropped.add(number);
    this.options.logger.info({ generation: name }, 'dropped');
  }

  /** What fails is written when something is next told of these letters. */
  eachLetters(work: (letters: ReferenceLetters) => Promise<void>): void {
    for (const { referenceLetters } of this.running.values())
      work(referenceLetters).catch((reason: unknown) => {
        this.options.logger.warn({ reason: messageOf(reason) }, 'a dead letter could not be written');
      });
  }
}
