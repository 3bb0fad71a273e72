import type { ShadowReport, StreamContract, ViewGenerations } from '@reprise/contracts';
import { callsFor, messageOf } from '@reprise/kernel';
import { LogProducer, StreamTail, type LogConnection } from '@reprise/log';
import { isFed, parseStatus } from '@reprise/view';
import { ShadowCounts } from './shadow-counts.js';

export interface ShadowDeskOptions {
  readonly contract: StreamContract<ShadowReport>;
  readonly connection: LogConnection;
  readonly view: (name: string) => ViewGenerations | undefined;
  readonly maxMismatches: number;
  readonly onTrouble: (reason: string | undefined) => void;
  readonly onUndecodable: (reason: string) => void;
  readonly onFatal: (reason: unknown) => void;
}

const sweepMs = 5_000;

/** Follows what query services report of shadow reads, and removes it from the log once its generation is gone. */
export class ShadowDesk {
  readonly counts: ShadowCounts;
  private readonly tail: StreamTail<ShadowReport>;
  private readonly producer: LogProducer;
  private sweeping: NodeJS.Timeout | undefined;
  private swept: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(private readonly options: ShadowDeskOptions) {
    this.counts = new ShadowCounts(options.maxMismatches);
    this.producer = new LogProducer(options.connection);
    this.tail = new StreamTail({
      ...options,
      onRecord: (record) => {
        this.counts.take(record);
      },
    });
  }

  /** Resolves when every report so far is known. */
  async start(): Promise<void> {
    await this.tail.start();
    this.sweepSoon();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.sweeping);
    await this.swept;
    await this.tail.stop();
    await this.producer.stop();
  }

  private sweepSoon(): void {
    this.sweeping = setTimeout(() => {
      this.swept = this.sweep().finally(() => {
        if (!this.stopping) this.sweepSoon();
      });
    }, sweepMs);
  }

  /** A report that a query service wrote late is met by the next sweep. */
  private async sweep(): Promise<void> {
    const { topic } = this.options.contract;
    const gone = this.counts.all().filter((report) => this.isOver(report));
    try {
      await this.producer.append(gone.map(({ id: key }) => ({ topic, key, value: null, headers: {} })));
      this.options.onTrouble(undefined);
    } catch (failure) {
      if (!callsFor(failure, 'retry')) this.options.onFatal(failure);
      else this.options.onTrouble(messageOf(failure));
    }
  }

  /** A view that is not known yet is no reason to forget anything. */
  private isOver({ view, generation }: ShadowReport): boolean {
    const known = this.options.view(view);
    if (!known) return false;
    const found = known.generations.find(({ number }) => number === generation);
    return !found || !isFed(parseStatus(found.status));
  }
}
