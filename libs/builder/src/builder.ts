import type { BuilderReport, Generation, GenerationReport, ViewGenerations } from '@reprise/contracts';
import {
  CodedError,
  messageOf,
  parsePartitionId,
  partitionId,
  type Clock,
  type Positions,
} from '@reprise/kernel';
import { LogAdmin, type LogConnection } from '@reprise/log';
import { ViewDirectory, type Logger } from '@reprise/service';
import {
  consumerGroup,
  generationName,
  isFed,
  parseStatus,
  referenceStreams,
  type AnyView,
  type GenerationStatus,
} from '@reprise/view';
import type { GenerationStore, ViewStore } from '@reprise/view-store';
import { fingerprintOf } from './fingerprint.js';
import { GenerationRunner } from './generation-runner.js';
import type { LetterBook } from './letters/letter-book.js';
import { LetterStream } from './letters/letter-stream.js';
import { ReferenceLetters } from './letters/reference-letters.js';
import { FollowedStreams } from './references/joined-streams.js';
import { RateMeter, reportDropped, reportGeneration, reportRefused } from './report.js';
import { ReportStream } from './report-stream.js';
import { VerificationDesk, type Verifiable } from './verifying/verification-desk.js';

export interface BuilderOptions<Row> {
  readonly view: AnyView<Row>;
  readonly store: ViewStore<Row>;
  readonly connection: LogConnection;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Memory for the keys of a load, in megabytes. Default 256. */
  readonly loadMemoryMb?: number;
  /** The process must end: going on would be wrong. Its supervisor starts it anew. */
  readonly onFatal: (reason: unknown) => void;
}

/** Requests that began on a generation before it was retired still read it for this long. */
const dropGraceMs = 5_000;
/** Entities of which a check holds both sides at once. */
const mostVerified = 200_000;
/** After the store or the broker was away. */
const retryMs = 1_000;

interface Running<Row> {
  readonly runner: GenerationRunner<Row>;
  readonly referenceLetters: ReferenceLetters;
  readonly meter: RateMeter;
  readonly letters: LetterBook;
  readonly store: GenerationStore<Row>;
}

/**
 * Runs the generations of one view that this code can build: those of its definition version that are fed. Follows the
 * stream of generations; starts, stops and drops accordingly; reports what it does on the stream of builders.
 */
export class Builder<Row> {
  private readonly directory: ViewDirectory;
  private readonly admin: LogAdmin;
  private readonly joined: FollowedStreams;
  private readonly letters: LetterStream;
  private readonly reports: ReportStream;
  private readonly running = new Map<number, Running<Row>>();
  /** Generations of which something may be in the store by our doing. */
  private readonly opened = new Set<number>();
  private readonly dropped = new Set<number>();
  /** Why this process does not feed a generation that it should. */
  private readonly refused = new Map<number, string>();
  private readonly fingerprint: string;
  private readonly checks = new VerificationDesk({
    find: (number) => this.verifiable(number),
    storeOf: (number) => this.options.store.generation(generationName(this.options.view.name, number)),
  });
  /** The end of the queue of changes: one at a time. */
  private reconciling: Promise<void> = Promise.resolve();
  private isCaughtUp = false;
  private later: NodeJS.Timeout | undefined;
  private laterAtMs = 0;
  private stopping = false;

  constructor(private readonly options: BuilderOptions<Row>) {
    const { connection, view, logger, clock, onFatal } = options;
    this.admin = new LogAdmin(connection);
    this.fingerprint = fingerprintOf(view);
    this.letters = new LetterStream({
      view: view.name,
      connection,
      clock,
      onFatal,
      onNews: () => {
        this.notify();
      },
    });
    this.joined = this.followJoined();
    this.reports = new ReportStream({
      view: view.name,
      connection,
      logger,
      topics: this.topics(),
      compose: (instance, ends) => this.compose(instance, ends),
    });
    this.directory = new ViewDirectory({
      connection,
      onChange: (changed) => {
        if (changed.view === view.name && this.isCaughtUp) this.reconcileSoon();
      },
      onFatal,
    });
  }

  async start(): Promise<void> {
    await Promise.all([this.letters.start(), this.joined.start()]);
    await this.directory.start();
    // Only now: the stream begins with generations that are long gone, and would be opened again.
    this.isCaughtUp = true;
    this.reconcileSoon();
    await this.reports.start();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.later);
    this.checks.stop();
    await this.directory.stop();
    await this.reconciling;
    await Promise.all([...this.running.values()].map(({ runner }) => runner.stop()));
    await this.reports.stop();
    await Promise.all([this.joined.stop(), this.letters.stop()]);
    await this.admin.stop();
    await this.options.store.stop();
  }

  private reconcileSoon(): void {
    clearTimeout(this.later);
    this.later = undefined;
    this.reconciling = this.reconciling
      .then(() => this.reconcile())
      .catch((failure: unknown) => {
        if (!(failure instanceof CodedError) || failure.decision !== 'retry') {
          this.options.onFatal(failure);
          return;
        }
        this.options.logger.warn({ reason: messageOf(failure) }, 'tried again in a moment');
        this.reconcileLater(retryMs);
      });
  }

  /** One timer for all that waits: whatever comes first looks at everything. */
  private reconcileLater(waitMs: number): void {
    const atMs = performance.now() + waitMs;
    if (this.later && this.laterAtMs <= atMs) return;
    clearTimeout(this.later);
    this.laterAtMs = atMs;
    this.later = setTimeout(() => {
      this.reconcileSoon();
    }, waitMs);
  }

  private async reconcile(): Promise<void> {
    const view = this.directory.view(this.options.view.name);
    if (!view || this.stopping) return;
    for (const generation of view.generations) {
      const status = parseStatus(generation.status);
      if (!isFed(status)) await this.retire(generation);
      else if (generation.definitionVersion === this.options.view.version) await this.run(generation, status);
    }
  }

  private async run(generation: Generation, status: GenerationStatus): Promise<void> {
    const { number, fingerprint, definitionVersion } = generation;
    if (fingerprint !== '' && fingerprint !== this.fingerprint) {
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
    if (status !== 'building') await runner.seal();
  }

  /** A stream that is not what it is declared to be keeps up only who reads it. */
  private async launchOrRefuse(number: number): Promise<void> {
    try {
      await this.launch(number);
      this.refused.delete(number);
    } catch (failure) {
      if (!(failure instanceof CodedError) || failure.code !== 'stream-differs') throw failure;
      this.refused.set(number, failure.message);
      this.reconcileLater(dropGraceMs);
    }
  }

  private verifiable(number: number): Verifiable | undefined {
    const { view, connection } = this.options;
    const running = this.running.get(number);
    if (!running) return undefined;
    const first = partitionId({ topic: view.source.topic, partition: 0 });
    return {
      view,
      connection,
      joined: this.joined,
      letters: running.letters,
      store: running.store,
      maxEntities: mostVerified,
      isOurs: running.runner.progress().partitions.includes(first),
    };
  }

  private async launch(number: number): Promise<void> {
    const { view, store, logger, clock } = this.options;
    const name = generationName(view.name, number);
    const letters = this.letters.book(number);
    const held = store.generation(name);
    const runner = new GenerationRunner({
      ...this.options,
      number,
      store: held,
      joined: this.joined,
      letters,
      isFed: () => this.isFed(number),
    });
    const referenceLetters = new ReferenceLetters({ view: view.name, number, letters, clock });
    for (const { reason, record } of this.joined.undecodable())
      await referenceLetters.undecodable(reason, record);
    this.opened.add(number);
    await runner.start();
    const kept = { runner, referenceLetters, letters, store: held, meter: new RateMeter() };
    this.running.set(number, kept);
    logger.info({ generation: name }, 'feeding');
  }

  /** By all that the log says now. */
  private async isFed(number: number): Promise<boolean> {
    await this.directory.caughtUp();
    const generations = this.directory.view(this.options.view.name)?.generations ?? [];
    const generation = generations.find((one) => one.number === number);
    return generation !== undefined && isFed(parseStatus(generation.status));
  }

  private async retire({
    number,
    statusSince,
    dropped,
  }: ViewGenerations['generations'][number]): Promise<void> {
    this.refused.delete(number);
    // What we opened because we heard of it late is dropped, also when somebody else dropped it before.
    if (!this.opened.has(number) && (dropped || this.dropped.has(number))) return;
    await this.running.get(number)?.runner.stop();
    this.running.delete(number);
    const waitMs = statusSince + dropGraceMs - this.options.clock.nowMs();
    if (waitMs > 0) {
      this.reconcileLater(waitMs);
      return;
    }
    const name = generationName(this.options.view.name, number);
    await this.options.store.generation(name).drop();
    await this.admin.deleteGroup(consumerGroup(this.options.view.name, number));
    await this.letters.forget(number);
    this.opened.delete(number);
    this.dropped.add(number);
    this.options.logger.info({ generation: name }, 'dropped');
  }

  private followJoined(): FollowedStreams {
    const { view, connection, onFatal } = this.options;
    return new FollowedStreams({
      view,
      connection,
      onFatal,
      onAdvance: () => {
        this.notify();
      },
      onUndecodable: (reason, record) => {
        this.eachLetters((letters) => letters.undecodable(reason, record));
      },
      onTaken: (record) => {
        this.eachLetters((letters) => letters.taken(record));
      },
    });
  }

  private notify(): void {
    for (const { runner } of this.running.values()) runner.notify();
    const partitions = [...this.joined.positions().keys()];
    this.eachLetters((letters) => letters.answer(partitions));
  }

  /** What fails is written when something is next told of these letters. */
  private eachLetters(work: (letters: ReferenceLetters) => Promise<void>): void {
    for (const { referenceLetters } of this.running.values())
      work(referenceLetters).catch((reason: unknown) => {
        this.options.logger.warn({ reason: messageOf(reason) }, 'a dead letter could not be written');
      });
  }

  private topics(): string[] {
    const { view } = this.options;
    return [view.source.topic, ...referenceStreams(view).map(({ source }) => source.topic)];
  }

  private compose(instance: string, ends: Positions): BuilderReport {
    const { view } = this.options;
    this.checks.consider(this.directory.view(view.name)?.generations ?? []);
    const joined = [...ends.keys()].filter((id) => parsePartitionId(id).topic !== view.source.topic);
    const generations: GenerationReport[] = [...this.running].map(([number, { runner, meter }]) => {
      const progress = runner.progress();
      const recordsPerSecond = meter.rate(progress.recordsRead, this.options.clock.nowMs());
      const verification = this.checks.reportOf(number);
      return reportGeneration(number, { ...progress, verification }, { ends, joined, recordsPerSecond });
    });
    return {
      instance,
      view: view.name,
      definitionVersion: view.version,
      sourceTopics: this.topics(),
      fingerprint: this.fingerprint,
      generations: [
        ...generations,
        ...[...this.refused].map(([number, reason]) => reportRefused(number, reason)),
        ...[...this.dropped].map(reportDropped),
      ],
    };
  }
}
