import type { BuilderReport, GenerationReport } from '@reprise/contracts';
import { furthest, type Clock, type Positions } from '@reprise/kernel';
import type { TailRecord } from '@reprise/log';

/** A builder process that reported lately. */
export interface LiveBuilder {
  readonly instance: string;
  readonly definitionVersion: number;
  readonly sourceTopics: readonly string[];
  /** Of the definition's code; empty: it tells none. */
  readonly fingerprint: string;
  readonly generations: readonly GenerationReport[];
  /** Epoch milliseconds. */
  readonly reportedAtMs: number;
}

/** What all builders of a view together say. */
export interface BuilderFacts {
  readonly builders: readonly LiveBuilder[];
  /** The furthest that any builder ever reported, by the generation's number. */
  readonly applied: ReadonlyMap<number, Positions>;
  /** The furthest end of each source partition that anyone reported. */
  readonly ends: Positions;
  /** Numbers of the generations of which nothing is left in the store. */
  readonly dropped: ReadonlySet<number>;
}

export interface BuilderReportsOptions {
  readonly clock: Clock;
  /** A builder whose last report is older counts as gone. */
  readonly staleAfterMs: number;
}

interface ViewMemory {
  readonly builders: Map<string, LiveBuilder>;
  readonly applied: Map<number, Positions>;
  readonly dropped: Set<number>;
  ends: Positions;
}

/**
 * Holds the builders' reports in memory. Positions outlive the builder that reported them: they only grow, so an old
 * report is still a lower bound. What a builder does right now (rates, problems, ownership) counts while it is fresh.
 */
export class BuilderReports {
  private readonly views = new Map<string, ViewMemory>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly options: BuilderReportsOptions) {}

  take({
    key,
    envelope,
    timestampMs,
  }: Pick<TailRecord<BuilderReport>, 'key' | 'envelope' | 'timestampMs'>): void {
    if (envelope === null) this.forget(key);
    else this.remember(key, envelope.state, timestampMs);
    for (const listener of [...this.listeners]) listener();
  }

  /** Calls back after every report, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Resolves at the next report, or when the time is up. */
  changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stopListening();
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      const stopListening = this.onChange(done);
    });
  }

  /** Names of the views that any builder ever reported. */
  viewNames(): string[] {
    return [...this.views.keys()];
  }

  of(view: string): BuilderFacts {
    const memory = this.views.get(view);
    if (!memory) return { builders: [], applied: new Map(), ends: new Map(), dropped: new Set() };
    this.forgetStale(memory);
    return { ...memory, builders: [...memory.builders.values()] };
  }

  private remember(key: string, report: BuilderReport, reportedAtMs: number): void {
    const { view, generations } = report;
    const memory = this.memoryOf(view);
    memory.builders.set(key, { ...report, instance: key, reportedAtMs });
    this.forgetStale(memory);
    for (const generation of generations) {
      if (generation.dropped) memory.dropped.add(generation.number);
      memory.ends = furthest(memory.ends, offsets(generation, 'endOffset'));
      const known = memory.applied.get(generation.number) ?? new Map<string, bigint>();
      memory.applied.set(generation.number, furthest(known, offsets(generation, 'nextOffset')));
    }
  }

  private forget(key: string): void {
    for (const { builders } of this.views.values()) builders.delete(key);
  }

  private forgetStale({ builders }: ViewMemory): void {
    const oldest = this.options.clock.nowMs() - this.options.staleAfterMs;
    for (const [key, { reportedAtMs }] of builders) if (reportedAtMs < oldest) builders.delete(key);
  }

  private memoryOf(view: string): ViewMemory {
    const known = this.views.get(view);
    if (known) return known;
    const fresh: ViewMemory = {
      builders: new Map(),
      applied: new Map(),
      ends: new Map(),
      dropped: new Set(),
    };
    this.views.set(view, fresh);
    return fresh;
  }
}

function offsets({ partitions }: GenerationReport, which: 'nextOffset' | 'endOffset'): Positions {
  return new Map(partitions.map((report) => [report.partition, BigInt(report[which])]));
}
