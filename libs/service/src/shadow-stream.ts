import { randomUUID } from 'node:crypto';
import { catalogue, eventHeaders, type Envelope, type ShadowReport } from '@reprise/contracts';
import { messageOf } from '@reprise/kernel';
import { LogProducer, StreamEncoder, type LogConnection } from '@reprise/log';
import type { Logger } from './logger.js';
import type { ShadowCounts } from './shadow-reads.js';

export interface ShadowStreamOptions {
  /** Name of the view. */
  readonly view: string;
  readonly connection: LogConnection;
  readonly logger: Logger;
  readonly counts: (generation: number) => ShadowCounts;
}

const reportMs = 1_000;

/**
 * Tells on the stream of shadow reads what this process counted, at most once a second and only what changed. The counts
 * are the generation's, not the process's: no tombstone is written when it ends. The control plane removes them with the
 * generation.
 */
export class ShadowStream {
  private readonly instance = randomUUID();
  private readonly producer: LogProducer;
  private readonly changed = new Set<number>();
  private readonly versions = new Map<number, number>();
  private encoder: StreamEncoder<ShadowReport> | undefined;
  private waiting: NodeJS.Timeout | undefined;
  private reporting: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(private readonly options: ShadowStreamOptions) {
    this.producer = new LogProducer(options.connection);
  }

  /** The counts of this generation changed. */
  note(generation: number): void {
    this.changed.add(generation);
    if (this.waiting || this.stopping) return;
    this.waiting = setTimeout(() => {
      this.reporting = this.report().finally(() => {
        this.waiting = undefined;
        const [left] = this.changed;
        if (left !== undefined) this.note(left);
      });
    }, reportMs);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.waiting);
    await this.reporting;
    await this.report();
    await this.producer.stop();
  }

  /** What could not be written is written with the next report. */
  private async report(): Promise<void> {
    const generations = [...this.changed];
    this.changed.clear();
    try {
      for (const generation of generations) await this.append(generation);
    } catch (failure) {
      for (const generation of generations) this.changed.add(generation);
      this.options.logger.warn({ reason: messageOf(failure) }, 'shadow reads could not be reported');
    }
  }

  private async append(generation: number): Promise<void> {
    const { view, connection, counts } = this.options;
    this.encoder ??= await StreamEncoder.open(catalogue.shadowRead, connection);
    const version = (this.versions.get(generation) ?? 0) + 1;
    this.versions.set(generation, version);
    const id = `${view}/${generation}/${this.instance}`;
    const envelope: Envelope<ShadowReport> = {
      event: 'ShadowReadsCounted',
      version,
      occurredAt: Date.now(),
      changed: [],
      deleted: false,
      state: { id, view, generation, ...counts(generation) },
    };
    const headers = eventHeaders(catalogue.shadowRead, envelope, {
      id: randomUUID(),
      source: `/${view}`,
      key: id,
      provenance: { correlationId: id, causationId: id, actor: 'query-service' },
    });
    const value = this.encoder.encode(envelope);
    await this.producer.append([{ topic: catalogue.shadowRead.topic, key: id, headers, value }]);
  }
}
