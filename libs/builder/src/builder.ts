import { randomUUID } from 'node:crypto';
import {
  catalogue,
  eventHeaders,
  type BuilderReport,
  type GenerationReport,
  type ViewGenerations,
} from '@reprise/contracts';
import { messageOf, type Positions } from '@reprise/kernel';
import { LogAdmin, LogProducer, StreamEncoder, type LogConnection } from '@reprise/log';
import { ViewDirectory, type Logger } from '@reprise/service';
import {
  consumerGroup,
  generationName,
  isFed,
  parseStatus,
  type AnyView,
  type GenerationStatus,
} from '@reprise/view';
import type { ViewStore } from '@reprise/view-store';
import { GenerationRunner } from './generation-runner.js';
import { RateMeter, reportDropped, reportGeneration, saysTheSame } from './report.js';

export interface BuilderOptions<Row> {
  readonly view: AnyView<Row>;
  readonly store: ViewStore<Row>;
  readonly connection: LogConnection;
  readonly logger: Logger;
  /** The process must end: going on would be wrong. Its supervisor starts it anew. */
  readonly onFatal: (reason: unknown) => void;
}

const reportMs = 500;
const heartbeatMs = 3_000;
/** Requests that began on a generation before it was retired still read it for this long. */
const dropGraceMs = 5_000;

interface Running<Row> {
  readonly runner: GenerationRunner<Row>;
  readonly meter: RateMeter;
}

/**
 * Runs the generations of one view that this code can build: those of its definition version that are fed. Follows the
 * stream of generations; starts, stops and drops accordingly; reports what it does on the stream of builders.
 */
export class Builder<Row> {
  private readonly instance = randomUUID();
  private readonly directory: ViewDirectory;
  private readonly producer: LogProducer;
  private readonly admin: LogAdmin;
  private readonly running = new Map<number, Running<Row>>();
  private readonly dropped = new Set<number>();
  private encoder: StreamEncoder<BuilderReport> | undefined;
  /** The end of the queue of changes: one at a time. */
  private reconciling: Promise<void> = Promise.resolve();
  private reporting: NodeJS.Timeout | undefined;
  private reported: { report: BuilderReport; atMs: number } | undefined;
  private version = 0;
  private stopping = false;

  constructor(private readonly options: BuilderOptions<Row>) {
    const { connection, view, onFatal } = options;
    this.producer = new LogProducer(connection);
    this.admin = new LogAdmin(connection);
    this.directory = new ViewDirectory({
      connection,
      onChange: (changed) => {
        if (changed.view === view.name) this.reconcileSoon();
      },
      onFatal,
    });
  }

  async start(): Promise<void> {
    this.encoder = await StreamEncoder.open(catalogue.builder, this.options.connection);
    await this.directory.start();
    await this.report();
    this.scheduleReport();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.reporting);
    await this.directory.stop();
    await this.reconciling;
    await Promise.all([...this.running.values()].map(({ runner }) => runner.stop()));
    await this.sayGoodbye();
    await this.producer.stop();
    await this.admin.stop();
    await this.options.store.stop();
  }

  private reconcileSoon(): void {
    this.reconciling = this.reconciling.then(() => this.reconcile()).catch(this.options.onFatal);
  }

  private async reconcile(): Promise<void> {
    const view = this.directory.view(this.options.view.name);
    if (!view || this.stopping) return;
    for (const generation of view.generations) {
      const status = parseStatus(generation.status);
      if (!isFed(status)) await this.retire(generation);
      else if (generation.definitionVersion === this.options.view.version)
        await this.run(generation.number, status);
    }
  }

  private async run(number: number, status: GenerationStatus): Promise<void> {
    if (!this.running.has(number)) await this.launch(number);
    if (status !== 'building') await this.running.get(number)?.runner.seal();
  }

  private async launch(number: number): Promise<void> {
    const { view, store, connection, logger, onFatal } = this.options;
    const name = generationName(view.name, number);
    const runner = new GenerationRunner({
      view,
      number,
      store: store.generation(name),
      connection,
      onPoison: (record) => {
        logger.error(
          { generation: name, ...record, offset: String(record.offset) },
          'record cannot be applied',
        );
      },
      onFatal,
    });
    this.running.set(number, { runner, meter: new RateMeter() });
    await runner.start();
    logger.info({ generation: name }, 'feeding');
  }

  private async retire({
    number,
    statusSince,
    dropped,
  }: ViewGenerations['generations'][number]): Promise<void> {
    if (dropped || this.dropped.has(number)) return;
    await this.running.get(number)?.runner.stop();
    this.running.delete(number);
    const waitMs = statusSince + dropGraceMs - Date.now();
    if (waitMs > 0) {
      setTimeout(() => {
        this.reconcileSoon();
      }, waitMs);
      return;
    }
    const name = generationName(this.options.view.name, number);
    await this.options.store.generation(name).drop();
    await this.admin.deleteGroup(consumerGroup(this.options.view.name, number));
    this.dropped.add(number);
    this.options.logger.info({ generation: name }, 'dropped');
  }

  private scheduleReport(): void {
    this.reporting = setTimeout(() => {
      void this.report().finally(() => {
        if (!this.stopping) this.scheduleReport();
      });
    }, reportMs);
  }

  /** A report that cannot be written is only late: the next one says more. */
  private async report(): Promise<void> {
    try {
      const report = this.compose(await this.admin.endOffsets([this.options.view.source.topic]));
      const nowMs = Date.now();
      const last = this.reported;
      if (last && nowMs - last.atMs < heartbeatMs && saysTheSame(last.report, report)) return;
      await this.append(report, nowMs);
      this.reported = { report, atMs: nowMs };
    } catch (failure) {
      this.options.logger.warn({ reason: messageOf(failure) }, 'progress could not be reported');
    }
  }

  private compose(ends: Positions): BuilderReport {
    const { view } = this.options;
    const generations: GenerationReport[] = [...this.running].map(([number, { runner, meter }]) => {
      const progress = runner.progress();
      const recordsPerSecond = meter.rate(progress.recordsRead, Date.now());
      return reportGeneration(number, progress, { ends, recordsPerSecond });
    });
    return {
      instance: `${view.name}/${this.instance}`,
      view: view.name,
      definitionVersion: view.version,
      sourceTopics: [view.source.topic],
      generations: [...generations, ...[...this.dropped].map(reportDropped)],
    };
  }

  private async append(report: BuilderReport, occurredAt: number): Promise<void> {
    if (!this.encoder) return;
    this.version += 1;
    const envelope = {
      event: 'BuilderReported',
      version: this.version,
      occurredAt,
      changed: [],
      deleted: false,
      state: report,
    };
    await this.producer.append([{ ...this.addressed(envelope), value: this.encoder.encode(envelope) }]);
  }

  /** The tombstone says that this process is gone in good order. */
  private async sayGoodbye(): Promise<void> {
    if (!this.reported) return;
    const envelope = {
      event: 'BuilderStopped',
      version: this.version + 1,
      occurredAt: Date.now(),
      changed: [],
      deleted: true,
      state: this.reported.report,
    };
    try {
      await this.producer.append([{ ...this.addressed(envelope), value: null }]);
    } catch (failure) {
      this.options.logger.warn({ reason: messageOf(failure) }, 'the last report could not be written');
    }
  }

  private addressed(envelope: Parameters<typeof eventHeaders>[1]) {
    const key = `${this.options.view.name}/${this.instance}`;
    const provenance = { correlationId: this.instance, causationId: this.instance, actor: 'builder' };
    const headers = eventHeaders(catalogue.builder, envelope, {
      id: randomUUID(),
      source: `/${this.options.view.name}-builder`,
      key,
      provenance,
    });
    return { topic: catalogue.builder.topic, key, headers };
  }
}
