import type { ShadowReport, ShadowSample } from '@reprise/contracts';
import type { TailRecord } from '@reprise/log';
import type { DifferingReads } from '../generations/commands.js';

/** What all query services of a view together counted of one generation. */
export interface GenerationShadow {
  /** Live reads whose answers were compared, mismatches included. */
  readonly compared: number;
  readonly mismatched: number;
  readonly errors: number;
  readonly dropped: number;
  readonly samples: readonly ShadowSample[];
}

const maxSamples = 5;

/** Holds the reports of shadow reads in memory. A report counts for as long as the log holds it, its writer running or not. */
export class ShadowCounts {
  private readonly reports = new Map<string, ShadowReport>();

  /** @param maxMismatches A generation with more of them is not flipped to. */
  constructor(private readonly maxMismatches: number) {}

  take({ key, envelope }: Pick<TailRecord<ShadowReport>, 'key' | 'envelope'>): void {
    if (envelope === null) this.reports.delete(key);
    else this.reports.set(key, envelope.state);
  }

  all(): readonly ShadowReport[] {
    return [...this.reports.values()];
  }

  /** By the generation's number; one that nothing was reported of is absent. */
  of(view: string): ReadonlyMap<number, GenerationShadow> {
    const sums = new Map<number, GenerationShadow>();
    for (const report of this.reports.values()) {
      if (report.view === view) sums.set(report.generation, sum(sums.get(report.generation), report));
    }
    return sums;
  }

  /** Undefined when no more reads are answered otherwise by this generation than are let pass. */
  differing(view: string, number: number): DifferingReads | undefined {
    const shadow = this.of(view).get(number);
    if (!shadow || shadow.compared === 0 || shadow.mismatched <= this.maxMismatches) return undefined;
    const { compared, mismatched, samples } = shadow;
    return { compared, mismatched, allowed: this.maxMismatches, example: exampleIn(samples) };
  }
}

function sum(known: GenerationShadow | undefined, report: ShadowReport): GenerationShadow {
  const { compared, mismatched, errors, dropped, samples } = report;
  return {
    compared: (known?.compared ?? 0) + compared,
    mismatched: (known?.mismatched ?? 0) + mismatched,
    errors: (known?.errors ?? 0) + errors,
    dropped: (known?.dropped ?? 0) + dropped,
    samples: [...(known?.samples ?? []), ...samples].slice(0, maxSamples),
  };
}

function exampleIn([sample]: readonly ShadowSample[]): string {
  if (!sample) return '';
  const { question, expected, actual } = sample;
  return `to ${question ?? 'a query'} the live one said ${expected}, this one ${actual}`;
}
