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
  /** When each partition of a generation was last seen to advance, or to be at its end; epoch milliseconds. */
  readonly moved: ReadonlyMap<number, ReadonlyMap<string, number>>;
  /** When a generation was last spoken of at all. */
  readonly seen: ReadonlyMap<number, number>;
  /** When a builder of the view last ended in an orderly way: it told nothing more of its generations. */
  readonly endedAtMs: number | undefined;
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
  readonly moved: Map<number, Map<string, number>>;
  readonly seen: Map<number, number>;
  endedAtMs: number | undefined;
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
    if (envelope === null) this.forget(key, timestampMs);
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
    if (!memory) return { ...emptyMemory(), builders: [] };
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
      noteMoves(memory, generation, { known, atMs: reportedAtMs });
      memory.applied.set(generation.number, furthest(known, offsets(generation, 'nextOffset')));
    }
  }

  private forget(key: string, atMs: number): void {
    const view = key.slice(0, key.lastIndexOf('/'));
    if (view !== '') {
      const memory = this.memoryOf(view);
      memory.endedAtMs = Math.max(memory.endedAtMs ?? 0, atMs);
    }
    for (const { builders } of this.views.values()) builders.delete(key);
  }

  private forgetStale({ builders }: ViewMemory): void {
    const oldest = this.options.clock.nowMs() - this.options.staleAfterMs;
    for (const [key, { reportedAtMs }] of builders) if (reportedAtMs < oldest) builders.delete(key);
  }

  private memoryOf(view: string): ViewMemory {
    const known = this.views.get(view);
    if (known) return known;
    const fresh = emptyMemory();
    this.views.set(view, fresh);
    return fresh;
  }
}

function offsets({ partitions }: GenerationReport, which: 'nextOffset' | 'endOffset'): Positions {
  return new Map(partitions.map((report) => [report.partition, BigInt(report[which])]));
}

/** A first report that is behind says nothing of when it got there. */
function noteMoves(
  memory: ViewMemory,
  { number, phase, partitions }: GenerationReport,
  { known, atMs }: { known: Positions; atMs: number },
): void {
  memory.seen.set(number, Math.max(memory.seen.get(number) ?? 0, atMs));
  if (phase === 'paused') return;
  const moved = memory.moved.get(number) ?? new Map<string, number>();
  memory.moved.set(number, moved);
  for (const { partition, nextOffset, endOffset } of partitions) {
    const before = known.get(partition);
    const isAdvance = before !== undefined && BigInt(nextOffset) > before;
    if (isAdvance || nextOffset >= endOffset) moved.set(partition, Math.max(moved.get(partition) ?? 0, atMs));
  }
}

function emptyMemory(): ViewMemory {
  return {
    builders: new Map(),
    applied: new Map(),
    moved: new Map(),
    seen: new Map(),
    endedAtMs: undefined,
    ends: new Map(),
    dropped: new Set(),
  };
}
