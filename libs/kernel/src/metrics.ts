/** What a metric is: its name, by Prometheus' conventions, one sentence, and its labels, of which each has few values. */
export interface MetricShape<Label extends string> {
  readonly name: `reprise_${string}`;
  readonly help: string;
  readonly labels: readonly Label[];
}

export interface HistogramShape<Label extends string> extends MetricShape<Label> {
  /** Upper bounds, growing. */
  readonly buckets: readonly number[];
}

export type Labels<Label extends string> = Readonly<Record<Label, string>>;

/** One value of a metric at the moment at which it is asked for. */
export interface Reading<Label extends string> {
  readonly labels: Labels<Label>;
  readonly value: number;
}

export type Read<Label extends string> = () => Iterable<Reading<Label>> | Promise<Iterable<Reading<Label>>>;

export interface Counter<Label extends string> {
  add(labels: Labels<Label>, by?: number): void;
}

export interface Histogram<Label extends string> {
  observe(labels: Labels<Label>, value: number): void;
}

/**
 * Where code says what it does in numbers. The caller gives each name once in a process, and no label the value of a key or
 * an id: series are kept for as long as the process lives.
 */
export interface Metrics {
  counter<Label extends string>(shape: MetricShape<Label>): Counter<Label>;
  histogram<Label extends string>(shape: HistogramShape<Label>): Histogram<Label>;
  /** Asked whenever somebody looks: what is not told again is gone, and while it fails the metric is left out. */
  gauge<Label extends string>(shape: MetricShape<Label>, read: Read<Label>): void;
  /** As {@link gauge}, of something that only grows for as long as it is told. */
  total<Label extends string>(shape: MetricShape<Label>, read: Read<Label>): void;
}

/** For those that nobody looks at. */
export const noMetrics: Metrics = {
  counter: () => ({ add: () => undefined }),
  histogram: () => ({ observe: () => undefined }),
  gauge: () => undefined,
  total: () => undefined,
};
