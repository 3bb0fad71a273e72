import { randomUUID } from 'node:crypto';
import { catalogue, eventHeaders, type BuilderReport, type Envelope } from '@reprise/contracts';
import { messageOf, type Positions } from '@reprise/kernel';
import { LogAdmin, LogProducer, StreamEncoder, type LogConnection } from '@reprise/log';
import type { Logger } from '@reprise/service';
import { saysTheSame } from './report.js';

export interface ReportStreamOptions {
  /** Name of the view. */
  readonly view: string;
  readonly connection: LogConnection;
  readonly logger: Logger;
  /** The topics whose ends are reported. */
  readonly topics: readonly string[];
  readonly compose: (instance: string, ends: Positions) => BuilderReport;
}

const reportMs = 500;
const heartbeatMs = 3_000;

/** Says on the stream of builders what this process does: when it changes, and now and then as a sign of life. */
export class ReportStream {
  private readonly instance: string;
  private readonly producer: LogProducer;
  private readonly admin: LogAdmin;
  private encoder: StreamEncoder<BuilderReport> | undefined;
  private reporting: NodeJS.Timeout | undefined;
  private reported: { report: BuilderReport; atMs: number } | undefined;
  private version = 0;
  private isReporting = false;
  private isUrgent = false;
  private stopping = false;

  constructor(private readonly options: ReportStreamOptions) {
    this.instance = `${options.view}/${randomUUID()}`;
    this.producer = new LogProducer(options.connection);
    this.admin = new LogAdmin(options.connection);
  }

  async start(): Promise<void> {
    this.encoder = await StreamEncoder.open(catalogue.builder, this.options.connection);
    await this.report();
    this.reportSoon();
  }

  /** The tombstone says that this process is gone in good order. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.reporting);
    if (this.reported) await this.trying(() => this.append('BuilderStopped', Date.now()));
    await this.producer.stop();
    await this.admin.stop();
  }

  /** There is something to say that others wait for. */
  hurry(): void {
    this.isUrgent = true;
    if (this.isReporting || this.stopping || !this.encoder) return;
    clearTimeout(this.reporting);
    this.reportSoon();
  }

  private reportSoon(): void {
    this.reporting = setTimeout(
      () => {
        this.isReporting = true;
        this.isUrgent = false;
        void this.report().finally(() => {
          this.isReporting = false;
          if (!this.stopping) this.reportSoon();
        });
      },
      this.isUrgent ? 0 : reportMs,
    );
  }

  private async report(): Promise<void> {
    await this.trying(async () => {
      const { compose, topics } = this.options;
      const report = compose(this.instance, await this.admin.endOffsets(topics));
      const nowMs = Date.now();
      const last = this.reported;
      if (last && nowMs - last.atMs < heartbeatMs && saysTheSame(last.report, report)) return;
      this.reported = { report, atMs: nowMs };
      await this.append('BuilderReported', nowMs);
    });
  }

  /** A report that cannot be written is only late: the next one says more. */
  private async trying(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      this.options.logger.warn({ reason: messageOf(failure) }, 'progress could not be reported');
    }
  }

  private async append(event: 'BuilderReported' | 'BuilderStopped', occurredAt: number): Promise<void> {
    const { encoder, reported, instance: key } = this;
    if (!encoder || !reported) return;
    this.version += 1;
    const deleted = event === 'BuilderStopped';
    const envelope: Envelope<BuilderReport> = {
      event,
      version: this.version,
      occurredAt,
      changed: [],
      deleted,
      state: reported.report,
    };
    const headers = eventHeaders(catalogue.builder, envelope, {
      id: randomUUID(),
      source: `/${this.options.view}-builder`,
      key,
      provenance: { correlationId: key, causationId: key, actor: 'builder' },
    });
    const value = deleted ? null : encoder.encode(envelope);
    await this.producer.append([{ topic: catalogue.builder.topic, key, headers, value }]);
  }
}
