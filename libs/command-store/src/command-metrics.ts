import { noMetrics, type Counter, type Histogram, type Metrics } from '@reprise/kernel';
import type { OutboxState } from './command-store.js';
import type { CommandOutcome, CommandRequest } from './entity.js';

export interface CommandMetricsOptions {
  readonly metrics?: Metrics | undefined;
  /** Commands that wait for their turn, and transactions that are open for those that had it. */
  readonly groups: () => { readonly waiting: number; readonly underWay: number };
  readonly outbox: () => Promise<OutboxState>;
}

const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const sizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 500];

/** What a command store says in numbers. */
export class CommandMetrics {
  private readonly outcomes: Counter<'entity' | 'outcome'>;
  private readonly durations: Histogram<'outcome'>;
  private readonly sizes: Histogram<never>;
  /** Two metrics come of one question. */
  private asking: Promise<OutboxState> | undefined;

  constructor(private readonly options: CommandMetricsOptions) {
    const { metrics = noMetrics } = options;
    this.outcomes = metrics.counter({
      name: 'reprise_commands_total',
      help: 'Commands by what came of them: accepted, unchanged, refused, mismatched, reused or repeated',
      labels: ['entity', 'outcome'],
    });
    this.durations = metrics.histogram({
      name: 'reprise_command_transaction_duration_seconds',
      help: 'Transactions that decide commands: committed, contended (and made again) or failed',
      labels: ['outcome'],
      buckets: durationBuckets,
    });
    this.sizes = metrics.histogram({
      name: 'reprise_command_transaction_commands',
      help: 'Commands that shared a transaction',
      labels: [],
      buckets: sizeBuckets,
    });
    this.measureGroups(metrics);
    this.measureOutbox(metrics);
  }

  /** Once what was decided is committed. */
  decided(requests: readonly CommandRequest[], outcomes: readonly CommandOutcome[]): void {
    this.sizes.observe({}, requests.length);
    requests.forEach(({ entity }, place) => {
      const outcome = outcomes[place];
      if (outcome)
        this.outcomes.add({
          entity: entity.contract.name,
          outcome: outcome.repeated ? 'repeated' : outcome.kind,
        });
    });
  }

  transacted(outcome: 'committed' | 'contended' | 'failed', durationMs: number): void {
    this.durations.observe({ outcome }, durationMs / 1_000);
  }

  private measureGroups(metrics: Metrics): void {
    const { groups } = this.options;
    metrics.gauge(
      {
        name: 'reprise_commands_waiting',
        help: 'Commands that wait for their turn to share a transaction',
        labels: [],
      },
      () => [{ labels: {}, value: groups().waiting }],
    );
    metrics.gauge(
      {
        name: 'reprise_command_transactions_open',
        help: 'Transactions of such commands that are open',
        labels: [],
      },
      () => [{ labels: {}, value: groups().underWay }],
    );
  }

  private measureOutbox(metrics: Metrics): void {
    metrics.gauge(
      {
        name: 'reprise_outbox_records',
        help: 'Records that wait to be published; every process on the same database tells the same',
        labels: [],
      },
      async () => [{ labels: {}, value: (await this.outbox()).depth }],
    );
    metrics.gauge(
      {
        name: 'reprise_outbox_oldest_age_seconds',
        help: 'For how long the oldest of them has waited; 0 when none does',
        labels: [],
      },
      async () => [{ labels: {}, value: ((await this.outbox()).oldestAgeMs ?? 0) / 1_000 }],
    );
  }

  private outbox(): Promise<OutboxState> {
    this.asking ??= this.options.outbox().finally(() => (this.asking = undefined));
    return this.asking;
  }
}
