import type { Provenance, ViewGenerations } from '@reprise/contracts';
import type { Clock, Positions } from '@reprise/kernel';
import type { LogAdmin } from '@reprise/log';
import { hasApproached } from '../builders/approach.js';
import type { BuilderReports } from '../builders/builder-reports.js';
import type { FlipGeneration, FlipStanding, RollBack } from '../generations/commands.js';
import { generationBehind } from '../generations/flips.js';
import {
  wasRefused,
  type ViewGenerationsStore,
  type ViewOutcome,
} from '../generations/view-generations-store.js';
import type { ShadowCounts } from '../shadow/shadow-counts.js';

export interface FlipDeskOptions {
  readonly store: ViewGenerationsStore;
  readonly reports: BuilderReports;
  readonly shadow: Pick<ShadowCounts, 'differing'>;
  readonly admin: Pick<LogAdmin, 'endOffsets'>;
  readonly clock: Clock;
  /** Dead letters of a generation that are open. */
  readonly openLetters: (view: string, number: number) => number;
  /** Longest wait for a generation to reach what the live one had shown when the flip was asked for. */
  readonly flipWaitMs: number;
  /** Longest wait for builders to prepare a flip that is announced. Default 1 s: they keep still for longer. */
  readonly approachMs?: number;
}

export interface FlipRequest {
  readonly number: number;
  /** In spite of open dead letters, and of reads that it answers otherwise. */
  readonly force?: boolean | undefined;
  /** Kept in the history. */
  readonly note?: string | null | undefined;
}

export interface RollBackRequest {
  /** The generation to leave. Default: whichever is live. */
  readonly from?: number | null | undefined;
}

/** Between two looks at whether to go on waiting. */
const longestPauseMs = 500;

/**
 * Makes generations live. Each time in three steps: wait until the generation has what the live one had shown; announce the flip,
 * and wait a moment for the builders to show no less of it than of the live one, which they hold still; decide it. Without the
 * second step the flip is as safe, only that query services would wait for that, with their readers.
 */
export class FlipDesk {
  private stopping = false;

  constructor(private readonly options: FlipDeskOptions) {}

  /** Flips that wait give up soon. */
  stop(): void {
    this.stopping = true;
  }

  async flip(view: string, request: FlipRequest, provenance: Provenance): Promise<ViewOutcome> {
    const { clock, openLetters, shadow } = this.options;
    const { number, force = false, note = null } = request;
    return this.carryOut(view, provenance, {
      choose: () => number,
      command: (standing) => ({
        type: 'FlipGeneration',
        number,
        standing,
        force,
        note,
        differing: shadow.differing(view, number),
        openLetters: openLetters(view, number),
        requestedBy: provenance.actor,
        atMs: clock.nowMs(),
      }),
    });
  }

  async rollBack(
    view: string,
    { from = null }: RollBackRequest,
    provenance: Provenance,
  ): Promise<ViewOutcome> {
    const requestedBy = provenance.actor;
    return this.carryOut(view, provenance, {
      choose: ({ previous }) => previous ?? 0,
      command: (standing, number) => {
        return { type: 'RollBack', number, from, standing, requestedBy, atMs: this.options.clock.nowMs() };
      },
    });
  }

  /**
   * What the live one had shown is noted once, at the beginning: under a steady stream of writes two samples of two moving
   * generations would hardly ever compare well.
   */
  private async carryOut(view: string, provenance: Provenance, wanted: WantedFlip): Promise<ViewOutcome> {
    const { store, reports } = this.options;
    const known = await store.read(view);
    if (wasRefused(known)) return known;
    const number = wanted.choose(known);
    const shown = await this.shownBy(known);
    const command = () => {
      const applied = reports.of(view).applied.get(number) ?? new Map<string, bigint>();
      return wanted.command({ replaces: known.live, shown, applied }, number);
    };
    const announced = await this.whenCaughtUp(view, number, () =>
      store.execute(view, { type: 'AnnounceFlip', of: command() }, provenance),
    );
    if (wasRefused(announced)) return announced;
    await this.whenApproached(announced, number);
    return store.execute(view, command(), provenance);
  }

  /** Asks again with every report until the generation is no longer behind, or the time is up. */
  private async whenCaughtUp(
    view: string,
    number: number,
    ask: () => Promise<ViewOutcome>,
  ): Promise<ViewOutcome> {
    const { reports, clock, flipWaitMs } = this.options;
    const deadlineMs = clock.nowMs() + flipWaitMs;
    for (;;) {
      const applied = reports.of(view).applied.get(number);
      const outcome = await ask();
      const leftMs = deadlineMs - clock.nowMs();
      if (!wasRefused(outcome) || outcome.code !== generationBehind || leftMs <= 0 || this.stopping)
        return outcome;
      if (reports.of(view).applied.get(number) === applied)
        await reports.changed(Math.min(leftMs, longestPauseMs));
    }
  }

  private async whenApproached(known: ViewGenerations, number: number): Promise<void> {
    const { reports, clock, approachMs = 1_000 } = this.options;
    const deadlineMs = clock.nowMs() + approachMs;
    while (!hasApproached(known, number, reports.of(known.view))) {
      const leftMs = deadlineMs - clock.nowMs();
      if (leftMs <= 0 || this.stopping) return;
      await reports.changed(Math.min(leftMs, longestPauseMs));
    }
  }

  /** Where no builder told how far the live generation is, it cannot be further than the log's end. */
  private async shownBy({ view, live, generations, sourceTopics }: ViewGenerations): Promise<Positions> {
    const generation = generations.find(({ number }) => number === live);
    if (!generation) return new Map();
    const applied = this.options.reports.of(view).applied.get(generation.number) ?? new Map<string, bigint>();
    if (generation.targets.every(({ partition }) => applied.has(partition))) return applied;
    return new Map([...(await this.options.admin.endOffsets(sourceTopics)), ...applied]);
  }
}

interface WantedFlip {
  /** Number of the generation that is to go live. */
  readonly choose: (known: ViewGenerations) => number;
  /** By what is known at the call. */
  readonly command: (standing: FlipStanding, number: number) => FlipGeneration | RollBack;
}
