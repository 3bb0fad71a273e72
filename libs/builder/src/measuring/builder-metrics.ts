import {
  noMetrics,
  parsePartitionId,
  type Histogram,
  type Metrics,
  type Positions,
  type Reading,
} from '@reprise/kernel';
import type { GenerationProgress } from '../generation-runner.js';
import { LagClock } from './lag-clock.js';

export interface BuilderMetricsOptions {
  /** Name of the view. */
  readonly view: string;
  readonly metrics?: Metrics | undefined;
  /** The generations that are fed here, by number. */
  readonly progress: () => ReadonlyMap<number, GenerationProgress>;
  readonly nowMs: () => number;
}

type GenerationLabels = 'view' | 'generation';
type PartitionLabels = GenerationLabels | 'topic' | 'partition';

interface PartitionStanding {
  readonly partition: string;
  readonly nextOffset: bigint;
  readonly end: bigint;
  readonly newestAppliedMs: number | undefined;
}

const generationLabels = ['view', 'generation'] as const;
const partitionLabels = ['view', 'generation', 'topic', 'partition'] as const;
const chunkBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What a builder says in numbers. Nothing is asked of the log or of a store for it: the ends are those of its last report. */
export class BuilderMetrics {
  /** By view: the time that a chunk takes, from its reading to its checkpoint. */
  readonly chunks: Histogram<'view'>;
  private ends: Positions = new Map();
  private seenAtMs: number | undefined;
  private readonly clocks = new Map<string, LagClock>();

  constructor(private readonly options: BuilderMetricsOptions) {
    const { metrics = noMetrics } = options;
    this.chunks = metrics.histogram({
      name: 'reprise_builder_chunk_duration_seconds',
      help: 'From the reading of a chunk of records to its checkpoint in the store',
      labels: ['view'],
      buckets: chunkBuckets,
    });
    this.measurePartitions(metrics);
    this.measureRecords(metrics);
    this.measureGenerations(metrics);
  }

  /** The ends of the log, just seen. */
  see(ends: Positions): void {
    const nowMs = this.options.nowMs();
    this.ends = ends;
    this.seenAtMs = nowMs;
    for (const [partition, end] of ends) {
      const clock = this.clocks.get(partition) ?? new LagClock();
      this.clocks.set(partition, clock);
      clock.see(end, nowMs);
      clock.forget(this.leastShown(partition));
    }
  }

  private leastShown(partition: string): bigint {
    const shown = [...this.options.progress().values()].map(({ reached }) => reached?.get(partition) ?? 0n);
    return shown.reduce((least, offset) => (offset < least ? offset : least), shown[0] ?? 0n);
  }

  private measurePartitions(metrics: Metrics): void {
    metrics.gauge(
      {
        name: 'reprise_builder_applied_offset',
        help: 'Next offset to apply: everything below is shown to readers. Of joined streams every builder tells it',
        labels: partitionLabels,
      },
      () => this.ofPartitions(({ nextOffset }) => Number(nextOffset)),
    );
    metrics.gauge(
      {
        name: 'reprise_builder_lag_records',
        help: 'Offsets between what is shown to readers and the end of the log. Of joined streams every builder tells it',
        labels: partitionLabels,
      },
      () => this.ofPartitions(({ nextOffset, end }) => Math.max(0, Number(end - nextOffset))),
    );
    metrics.gauge(
      {
        name: 'reprise_builder_lag_seconds',
        help: 'For how long the oldest record that is not shown to readers has waited in the log',
        labels: partitionLabels,
      },
      () => this.ofPartitions((standing) => this.waitingSeconds(standing)),
    );
    metrics.gauge(
      {
        name: 'reprise_builder_log_seen_timestamp_seconds',
        help: 'When the ends of the log were last seen; with the log away, lag is that of this moment',
        labels: ['view'],
      },
      () => (this.seenAtMs === undefined ? [] : [this.ofView(this.seenAtMs / 1_000)]),
    );
  }

  private measureRecords(metrics: Metrics): void {
    metrics.total(
      {
        name: 'reprise_builder_records_read_total',
        help: 'Records read; of a bulk load, offsets covered',
        labels: generationLabels,
      },
      () => this.ofGenerations(({ recordsRead }) => recordsRead),
    );
    metrics.total(
      {
        name: 'reprise_builder_records_superseded_total',
        help: 'Records not applied, as a newer one of their entity was in the same chunk or in the store',
        labels: generationLabels,
      },
      () => this.ofGenerations(({ tally }) => tally.superseded),
    );
    metrics.total(
      {
        name: 'reprise_builder_records_set_aside_total',
        help: 'Records set aside as dead letters, a repeated reading included',
        labels: generationLabels,
      },
      () => this.ofGenerations(({ tally }) => tally.setAside),
    );
    metrics.total(
      {
        name: 'reprise_builder_entities_applied_total',
        help: 'Entities written: once for all their records of a chunk or a load, and again when something that they join changed',
        labels: generationLabels,
      },
      () => this.ofGenerations(({ tally }) => tally.entitiesApplied),
    );
  }

  private measureGenerations(metrics: Metrics): void {
    metrics.gauge(
      {
        name: 'reprise_builder_generation_phase',
        help: '1 for what this builder does with the generation: loading, sealing, feeding, paused, still or approaching',
        labels: ['view', 'generation', 'phase'],
      },
      () =>
        [...this.options.progress()].map(([number, { phase }]) => ({
          labels: { view: this.options.view, generation: String(number), phase },
          value: 1,
        })),
    );
    metrics.gauge(
      {
        name: 'reprise_builder_generation_troubled',
        help: '1 while something keeps this builder from going on with the generation',
        labels: generationLabels,
      },
      () => this.ofGenerations(({ problem }) => (problem === undefined ? 0 : 1)),
    );
  }

  private waitingSeconds({ partition, nextOffset, newestAppliedMs }: PartitionStanding): number {
    const waitingMs = this.clocks
      .get(partition)
      ?.waitingMs(nextOffset, newestAppliedMs, this.options.nowMs());
    return (waitingMs ?? 0) / 1_000;
  }

  private ofView(value: number): Reading<'view'> {
    return { labels: { view: this.options.view }, value };
  }

  private ofGenerations(value: (progress: GenerationProgress) => number): Reading<GenerationLabels>[] {
    return [...this.options.progress()].map(([number, progress]) => ({
      labels: { view: this.options.view, generation: String(number) },
      value: value(progress),
    }));
  }

  private ofPartitions(value: (standing: PartitionStanding) => number): Reading<PartitionLabels>[] {
    const { view } = this.options;
    return [...this.options.progress()].flatMap(([number, progress]) =>
      standingsOf(progress, this.ends).map((standing) => {
        const { topic, partition } = parsePartitionId(standing.partition);
        const labels = { view, generation: String(number), topic, partition: String(partition) };
        return { labels, value: value(standing) };
      }),
    );
  }
}

/** Of the source's partitions that are owned, and of all of the joined streams; none before their ends were seen. */
function standingsOf(
  { partitions, reached, tally }: GenerationProgress,
  ends: Positions,
): PartitionStanding[] {
  const [first] = partitions;
  const source = first === undefined ? undefined : parsePartitionId(first).topic;
  return [...ends].flatMap(([partition, end]) => {
    const isJoined = parsePartitionId(partition).topic !== source;
    if (source === undefined || !(isJoined || partitions.includes(partition))) return [];
    const nextOffset = reached?.get(partition) ?? 0n;
    return [{ partition, nextOffset, end, newestAppliedMs: tally.newestMs(partition) }];
  });
}
