import type { Generation } from '@reprise/contracts';
import type { GenerationStore } from '@reprise/view-store';
import { VerificationRun, type VerificationOptions, type VerificationReport } from './verification.js';

/** What a check of one generation needs, besides what was asked. */
export type Verifiable = Omit<VerificationOptions, 'asked' | 'against'> & {
  /** True in the process whose turn it is: one of those that feed the generation. */
  readonly isOurs: boolean;
};

export interface VerificationDeskOptions {
  /** Undefined while this process does not run the generation. */
  readonly find: (number: number) => Verifiable | undefined;
  /** Any generation of the view, also one of another definition version. */
  readonly storeOf: (number: number) => GenerationStore<unknown>;
  /** A check is over: its report is final. */
  readonly onDone: () => void;
}

/** Carries out the checks that are asked for on the stream of generations, one of a generation at a time. */
export class VerificationDesk {
  private readonly runs = new Map<number, { readonly id: number; readonly run: VerificationRun }>();

  constructor(private readonly options: VerificationDeskOptions) {}

  /** Begins what is asked and not begun; forgets what is concluded. */
  consider(generations: readonly Generation[]): void {
    for (const { number, verification: asked } of generations) {
      const known = this.runs.get(number);
      if (known && known.id !== asked?.id) this.forget(number);
      if (!asked || asked.concludedAt !== null || known?.id === asked.id) continue;
      const found = this.options.find(number);
      if (!found?.isOurs) continue;
      const against = asked.against === null ? undefined : this.options.storeOf(asked.against);
      const run = new VerificationRun({ ...found, asked, against });
      this.runs.set(number, { id: asked.id, run });
      void run.run().then(() => {
        this.options.onDone();
      });
    }
  }

  reportOf(number: number): VerificationReport | null {
    return this.runs.get(number)?.run.report ?? null;
  }

  stop(): void {
    for (const { run } of this.runs.values()) run.stop();
  }

  private forget(number: number): void {
    this.runs.get(number)?.run.stop();
    this.runs.delete(number);
  }
}
