import {
  messageOf,
  type Counter,
  type Histogram,
  type HistogramShape,
  type Metrics,
  type MetricShape,
  type Read,
  type Reading,
} from '@reprise/kernel';
import * as prometheus from 'prom-client';
import type { Logger } from './logger.js';

export interface ProcessMetricsOptions {
  readonly logger?: Pick<Logger, 'warn'>;
  /** Longest time that a metric which has to be asked for is waited for. Default 2,000. */
  readonly readLimitMs?: number;
}

/** What one process says of itself in numbers, for Prometheus. */
export class ProcessMetrics implements Metrics {
  private readonly registry = new prometheus.Registry();
  private readonly failures: Counter<'metric'>;

  constructor(private readonly options: ProcessMetricsOptions = {}) {
    this.failures = this.counter({
      name: 'reprise_metric_failures_total',
      help: 'Metrics that could not be told when somebody looked, and were left out',
      labels: ['metric'],
    });
  }

  /** Adds what the process itself takes: CPU, memory, open files, garbage collection, delay of the event loop. */
  includeProcess(): void {
    // The delay of the event loop is looked at by a timer: every 10 ms, the default, is a hundred wakes a second of each
    // process. What is told as delay includes these 50 ms.
    prometheus.collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 50 });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  counter<Label extends string>(shape: MetricShape<Label>): Counter<Label> {
    const counter = new prometheus.Counter<string>(this.described(shape));
    return {
      add: (labels, by = 1) => {
        counter.inc({ ...labels }, by);
      },
    };
  }

  histogram<Label extends string>(shape: HistogramShape<Label>): Histogram<Label> {
    const histogram = new prometheus.Histogram<string>({
      ...this.described(shape),
      buckets: [...shape.buckets],
    });
    return {
      observe: (labels, value) => {
        histogram.observe({ ...labels }, value);
      },
    };
  }

  gauge<Label extends string>(shape: MetricShape<Label>, read: Read<Label>): void {
    const asked = this.asked(shape.name, read);
    const gauge: prometheus.Gauge = new prometheus.Gauge<string>({
      ...this.described(shape),
      collect: async () => {
        const readings = await asked();
        clear(gauge, shape);
        for (const { labels, value } of readings) gauge.set({ ...labels }, value);
      },
    });
  }

  total<Label extends string>(shape: MetricShape<Label>, read: Read<Label>): void {
    const asked = this.asked(shape.name, read);
    const counter: prometheus.Counter = new prometheus.Counter<string>({
      ...this.described(shape),
      collect: async () => {
        const readings = await asked();
        clear(counter, shape);
        for (const { labels, value } of readings) counter.inc({ ...labels }, value);
      },
    });
  }

  private described<Label extends string>({ name, help, labels }: MetricShape<Label>) {
    return { name, help, labelNames: [...labels], registers: [this.registry] };
  }

  /** One question at a time: who looks again while one hangs does not pile up another. */
  private asked<Label extends string>(
    metric: string,
    read: Read<Label>,
  ): () => Promise<readonly Reading<Label>[]> {
    let underWay: Promise<readonly Reading<Label>[]> | undefined;
    const ask = async (): Promise<readonly Reading<Label>[]> => [...(await read())];
    return async () => {
      underWay ??= ask().finally(() => (underWay = undefined));
      try {
        return await within(underWay, this.options.readLimitMs ?? 2_000);
      } catch (failure) {
        this.failures.add({ metric });
        this.options.logger?.warn({ metric, reason: messageOf(failure) }, 'a metric cannot be told');
        return [];
      }
    };
  }
}

/** Without labels a reset leaves a zero, which would be a lie. */
function clear(
  metric: Pick<prometheus.Gauge, 'reset' | 'remove'>,
  { labels }: { readonly labels: readonly string[] },
): void {
  metric.reset();
  if (labels.length === 0) metric.remove();
}

async function within<Answer>(answer: Promise<Answer>, limitMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => {
      fail(new Error(`no answer within ${limitMs} ms`));
    }, limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
