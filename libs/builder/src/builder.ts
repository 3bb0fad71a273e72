import type { BuilderReport } from '@reprise/contracts';
import { callsFor, messageOf, type Clock, type Metrics, type Positions } from '@reprise/kernel';
import type { LogConnection } from '@reprise/log';
import { ViewDirectory, type Logger } from '@reprise/service';
import { generationName, isFed, parseStatus, referenceStreams, type AnyView } from '@reprise/view';
import type { ViewStore } from '@reprise/view-store';
import { FedGenerations } from './fed-generations.js';
import { fingerprintOf } from './fingerprint.js';
import { LetterStream } from './letters/letter-stream.js';
import { BuilderMetrics } from './measuring/builder-metrics.js';
import { FollowedStreams } from './references/joined-streams.js';
import { ReportStream } from './report-stream.js';
import { VerificationDesk } from './verifying/verification-desk.js';

export interface BuilderOptions<Row> {
  readonly view: AnyView<Row>;
  readonly store: ViewStore<Row>;
  readonly connection: LogConnection;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Memory for what is held at once of a generation, in megabytes: see {@link workSizes}. Default 256. */
  readonly workMemoryMb?: number;
  readonly metrics?: Metrics;
  /** The process must end: going on would be wrong. Its supervisor starts it anew. */
  readonly onFatal: (reason: unknown) => void;
}

/** After the store or the broker was away. */
const retryMs = 1_000;

/**
 * Runs the generations of one view that this code can build: those of its definition version that are fed. Follows the
 * stream of generations; starts, stops and drops accordingly; reports what it does on the stream of builders.
 */
export class Builder<Row> {
  private readonly directory: ViewDirectory;
  private readonly joined: FollowedStreams;
  private readonly letters: LetterStream;
  private readonly reports: ReportStream;
  private readonly fed: FedGenerations<Row>;
  private readonly fingerprint: string;
  private readonly measured: BuilderMetrics;
  private readonly checks = new VerificationDesk({
    find: (number) => this.fed.verifiable(number),
    storeOf: (number) => this.options.store.generation(generationName(this.options.view.name, number)),
    onDone: () => {
      this.reports.hurry();
    },
  });
  /** The end of the queue of changes: one at a time. */
  private reconciling: Promise<void> = Promise.resolve();
  private isCaughtUp = false;
  private later: NodeJS.Timeout | undefined;
  private laterAtMs = 0;
  private stopping = false;

  constructor(private readonly options: BuilderOptions<Row>) {
    const { connection, view, logger, clock, onFatal } = options;
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
    this.measured = this.measureFeeding();
    this.fed = new FedGenerations({
      ...options,
      joined: this.joined,
      letters: this.letters,
      fingerprint: this.fingerprint,
      isFed: (number) => this.isFed(number),
      again: (waitMs) => {
        this.reconcileLater(waitMs);
      },
      onStep: () => {
        this.reports.hurry();
      },
      onChunk: (durationMs) => {
        this.measured.chunks.observe({ view: view.name }, durationMs / 1_000);
      },
    });
    this.reports = new ReportStream({
      view: view.name,
      connection,
      logger,
      topics: this.topics(),
      compose: (instance, ends) => this.compose(instance, ends),
    });
    this.directory = new ViewDirectory({
      connection,
      onChange: (changed, before) => {
        if (changed.view !== view.name || !this.isCaughtUp) return;
        this.fed.noteFlip(before, changed);
        this.reconcileSoon();
        // What is asked of us is begun with the next report.
        this.reports.hurry();
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
    await this.fed.stopFeeding();
    await this.reports.stop();
    await Promise.all([this.joined.stop(), this.letters.stop()]);
    await this.fed.stop();
    await this.options.store.stop();
  }

  private reconcileSoon(): void {
    clearTimeout(this.later);
    this.later = undefined;
    this.reconciling = this.reconciling
      .then(() => this.reconcile())
      .catch((failure: unknown) => {
        if (!callsFor(failure, 'retry')) {
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
    for (const generation of view.generations) await this.fed.take(generation);
  }

  /** By all that the log says now. */
  private async isFed(number: number): Promise<boolean> {
    await this.directory.caughtUp();
    const generations = this.directory.view(this.options.view.name)?.generations ?? [];
    const generation = generations.find((one) => one.number === number);
    return generation !== undefined && isFed(parseStatus(generation.status));
  }

  private measureFeeding(): BuilderMetrics {
    const { view, metrics, clock } = this.options;
    return new BuilderMetrics({
      view: view.name,
      metrics,
      progress: () => this.fed.progress(),
      nowMs: () => clock.nowMs(),
    });
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
        this.fed.eachLetters((letters) => letters.undecodable(reason, record));
      },
      onTaken: (record) => {
        this.fed.eachLetters((letters) => letters.taken(record));
      },
    });
  }

  private notify(): void {
    this.fed.notify();
    const partitions = [...this.joined.positions().keys()];
    this.fed.eachLetters((letters) => letters.answer(partitions));
  }

  private topics(): string[] {
    const { view } = this.options;
    return [view.source.topic, ...referenceStreams(view).map(({ source }) => source.topic)];
  }

  private compose(instance: string, ends: Positions): BuilderReport {
    const { view } = this.options;
    this.measured.see(ends);
    this.checks.consider(this.directory.view(view.name)?.generations ?? []);
    const nowMs = this.options.clock.nowMs();
    return {
      instance,
      view: view.name,
      definitionVersion: view.version,
      sourceTopics: this.topics(),
      fingerprint: this.fingerprint,
      generations: this.fed.reports({ ends, nowMs }, (number) => this.checks.reportOf(number)),
    };
  }
}
