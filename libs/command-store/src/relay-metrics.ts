import { noMetrics, type Counter, type Histogram, type Metrics } from '@reprise/kernel';

const batchBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What a relay says in numbers. */
export class RelayMetrics {
  private readonly records: Counter<never>;
  private readonly troubles: Counter<never>;
  private readonly batches: Histogram<never>;

  /** @param isPublisher Whether this relay is the one that publishes now. */
  constructor(isPublisher: () => boolean, metrics: Metrics = noMetrics) {
    this.records = metrics.counter({
      name: 'reprise_relay_records_total',
      help: 'Records that the log acknowledged and the outbox forgot',
      labels: [],
    });
    this.troubles = metrics.counter({
      name: 'reprise_relay_failures_total',
      help: 'Sessions that broke, by the store or by the log; each is followed by another attempt',
      labels: [],
    });
    this.batches = metrics.histogram({
      name: 'reprise_relay_batch_duration_seconds',
      help: 'From the reading of a batch of the outbox to its deletion',
      labels: [],
      buckets: batchBuckets,
    });
    metrics.gauge(
      {
        name: 'reprise_relay_publishing',
        help: '1 for the relay that publishes, 0 for one on standby',
        labels: [],
      },
      () => [{ labels: {}, value: isPublisher() ? 1 : 0 }],
    );
  }

  published(records: number, durationMs: number): void {
    this.records.add({}, records);
    this.batches.observe({}, durationMs / 1_000);
  }

  failed(): void {
    this.troubles.add({});
  }
}
