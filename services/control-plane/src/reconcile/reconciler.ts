import { randomUUID } from 'node:crypto';
import type { Generation, Provenance } from '@reprise/contracts';
import { callsFor, messageOf, type Clock } from '@reprise/kernel';
import type { BuilderReports } from '../builders/builder-reports.js';
import type { ExpiryClock } from '../expiry/expiry-clock.js';
import type { KnownViews } from '../generations/known-views.js';
import {
  wasRefused,
  type ViewGenerationsStore,
  type ViewOutcome,
} from '../generations/view-generations-store.js';
import type { ViewOperations } from '../operations/view-operations.js';
import { nextSteps, type Rules, type ShadowGateOf, type Step } from './next-steps.js';

export interface ReconcilerOptions {
  readonly views: KnownViews;
  readonly reports: BuilderReports;
  readonly store: ViewGenerationsStore;
  readonly operations: ViewOperations;
  readonly clock: Clock;
  readonly expiry: ExpiryClock;
  readonly rules: Rules;
  readonly shadowGateOf: ShadowGateOf;
  /** Told when something keeps a view from going on, and (undefined) when it is over. */
  readonly onTrouble: (view: string, reason: string | undefined) => void;
  readonly onFatal: (reason: unknown) => void;
  /** Default 200. */
  readonly intervalMs?: number;
}

/**
 * Moves every view along as its builders get on: at each report, and at an interval in case one was missed. A view is
 * worked on by one run at a time, and a slow one (a flip that waits) holds up no other view. It keeps nothing that a
 * crash could lose: what it does is decided against the stored state.
 */
export class Reconciler {
  private readonly running = new Map<string, Promise<void>>();
  private readonly troubles = new Map<string, string>();
  private timer: NodeJS.Timeout | undefined;
  private stopListening: () => void = () => undefined;

  constructor(private readonly options: ReconcilerOptions) {}

  start(): Promise<void> {
    const wake = (): void => {
      this.wake();
    };
    this.stopListening = this.options.reports.onChange(wake);
    this.timer = setInterval(wake, this.options.intervalMs ?? 200);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopListening();
    await Promise.all(this.running.values());
  }

  /** What keeps this view from going on by itself; undefined when nothing does. */
  trouble(view: string): string | undefined {
    return this.troubles.get(view);
  }

  private wake(): void {
    for (const view of new Set([...this.options.views.names(), ...this.options.reports.viewNames()])) {
      if (this.running.has(view)) continue;
      const run = this.reconcile(view).finally(() => this.running.delete(view));
      this.running.set(view, run);
    }
  }

  private async reconcile(view: string): Promise<void> {
    const { views, reports, clock, rules, expiry, shadowGateOf, onFatal } = this.options;
    const known = views.view(view);
    const facts = reports.of(view);
    const expiryOf = (generation: Generation): number | null => expiry.expiresAtMs(view, generation, facts);
    const steps = nextSteps(known, facts, { rules, nowMs: clock.nowMs(), expiryOf, shadowGateOf });
    try {
      await expiry.keep(view, known?.generations ?? [], facts);
      let trouble: string | undefined;
      for (const step of steps) trouble = (await this.take(view, step)) ?? trouble;
      this.note(view, trouble);
    } catch (failure) {
      if (callsFor(failure, 'retry')) this.note(view, messageOf(failure));
      else onFatal(failure);
    }
  }

  /** A flip that was refused is told; any other refusal only says that the step came from an old view of things. */
  private async take(view: string, step: Step): Promise<string | undefined> {
    if (step.kind === 'hold') return step.reason;
    const outcome = await this.perform(view, step);
    return step.kind === 'flip' && wasRefused(outcome) ? outcome.detail : undefined;
  }

  private perform(view: string, step: Exclude<Step, { kind: 'hold' }>): Promise<ViewOutcome> {
    const { operations, store } = this.options;
    const provenance = ownProvenance();
    switch (step.kind) {
      case 'register':
        return operations.register(view, step.builder, provenance);
      case 'execute':
        return store.execute(view, step.command, provenance);
      case 'flip':
        return operations.flip(view, { number: step.number, note: step.note }, provenance);
    }
  }

  private note(view: string, trouble: string | undefined): void {
    if (this.troubles.get(view) === trouble) return;
    if (trouble === undefined) this.troubles.delete(view);
    else this.troubles.set(view, trouble);
    this.options.onTrouble(view, trouble);
  }
}

function ownProvenance(): Provenance {
  const id = randomUUID();
  return { correlationId: id, causationId: id, actor: 'control-plane' };
}
