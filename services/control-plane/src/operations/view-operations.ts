import type { Provenance, ViewGenerations } from '@reprise/contracts';
import { refuse, type Refusal } from '@reprise/decider';
import type { Clock, Positions } from '@reprise/kernel';
import type { LogAdmin } from '@reprise/log';
import type { BuilderReports, LiveBuilder } from '../builders/builder-reports.js';
import { offsetsOf } from '../builders/progress.js';
import type { FlipStanding, RequestVerification, ThrottleGeneration } from '../generations/commands.js';
import { generationBehind } from '../generations/flips.js';
import {
  wasRefused,
  type ViewGenerationsStore,
  type ViewOutcome,
} from '../generations/view-generations-store.js';

import type { ShadowCounts } from '../shadow/shadow-counts.js';

export interface ViewOperationsOptions {
  readonly store: ViewGenerationsStore;
  readonly reports: BuilderReports;
  readonly shadow: Pick<ShadowCounts, 'differing'>;
  readonly admin: Pick<LogAdmin, 'endOffsets'>;
  readonly clock: Clock;
  /** Dead letters of a generation that are open. */
  readonly openLetters: (view: string, number: number) => number;
  /** Longest wait for a generation to reach what the live one had shown when the flip was asked for. */
  readonly flipWaitMs: number;
}

/** What is to be checked, and how. */
export type VerificationRequest = Pick<RequestVerification, 'number' | 'repair' | 'against'>;

export type ThrottleRequest = Pick<ThrottleGeneration, 'number' | 'maxRecordsPerSecond'>;

export interface RebuildRequest {
  readonly autoFlip: boolean;
  /** Default: the newest that was announced. */
  readonly definitionVersion?: number | undefined;
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
 * What can be done to a view, by an operator or by the reconcile loop. Each is one command: here the facts it is decided
 * on are gathered, there (in the decider) it is decided. All may throw CodedErrors of a store or a log that is away.
 */
export class ViewOperations {
  private stopping = false;

  constructor(private readonly options: ViewOperationsOptions) {}

  /** Flips that wait give up soon. */
  stop(): void {
    this.stopping = true;
  }

  async register(view: string, builder: LiveBuilder, provenance: Provenance): Promise<ViewOutcome> {
    const { store, clock } = this.options;
    const { definitionVersion, sourceTopics, fingerprint } = builder;
    return store.execute(
      view,
      {
        type: 'RegisterView',
        view,
        definitionVersion,
        sourceTopics,
        targets: await this.targets(sourceTopics),
        fingerprint,
        requestedBy: provenance.actor,
        atMs: clock.nowMs(),
      },
      provenance,
    );
  }

  /** An older version can be built as long as a builder runs it: it knows what it reads. */
  async rebuild(view: string, request: RebuildRequest, provenance: Provenance): Promise<ViewOutcome> {
    const { store, reports, clock } = this.options;
    const known = await store.read(view);
    if (wasRefused(known)) return known;
    const { autoFlip, definitionVersion = known.definitionVersion } = request;
    const builders = reports
      .of(view)
      .builders.filter((builder) => builder.definitionVersion === definitionVersion);
    const [builder] = builders;
    if (!builder && request.definitionVersion !== undefined) return noBuilder(view, definitionVersion);
    const fingerprints = builders.flatMap(({ fingerprint }) => (fingerprint === '' ? [] : [fingerprint]));
    const targets = await this.targets(builder?.sourceTopics ?? known.sourceTopics);
    return store.execute(
      view,
      {
        type: 'StartRebuild',
        autoFlip,
        definitionVersion,
        fingerprints: [...new Set(fingerprints)],
        targets,
        requestedBy: provenance.actor,
        atMs: clock.nowMs(),
      },
      provenance,
    );
  }

  retire(view: string, number: number, provenance: Provenance): Promise<ViewOutcome> {
    const { store, clock } = this.options;
    const reason = `retired by ${provenance.actor}`;
    return store.execute(view, { type: 'RetireGeneration', number, reason, atMs: clock.nowMs() }, provenance);
  }

  pause(view: string, number: number, provenance: Provenance): Promise<ViewOutcome> {
    const { store, clock } = this.options;
    return store.execute(view, { type: 'PauseGeneration', number, atMs: clock.nowMs() }, provenance);
  }

  resume(view: string, number: number, provenance: Provenance): Promise<ViewOutcome> {
    const { store, clock } = this.options;
    return store.execute(view, { type: 'ResumeGeneration', number, atMs: clock.nowMs() }, provenance);
  }

  throttle(view: string, request: ThrottleRequest, provenance: Provenance): Promise<ViewOutcome> {
    const { store, clock } = this.options;
    return store.execute(view, { type: 'ThrottleGeneration', ...request, atMs: clock.nowMs() }, provenance);
  }

  cancel(view: string, number: number, provenance: Provenance): Promise<ViewOutcome> {
    const { store, clock } = this.options;
    const requestedBy = provenance.actor;
    return store.execute(
      view,
      { type: 'CancelGeneration', number, requestedBy, atMs: clock.nowMs() },
      provenance,
    );
  }

  verify(view: string, request: VerificationRequest, provenance: Provenance): Promise<ViewOutcome> {
    const { store, clock } = this.options;
    const requestedBy = provenance.actor;
    return store.execute(
      view,
      { type: 'RequestVerification', ...request, requestedBy, atMs: clock.nowMs() },
      provenance,
    );
  }

  async flip(view: string, request: FlipRequest, provenance: Provenance): Promise<ViewOutcome> {
    const { store, clock, openLetters, shadow } = this.options;
    const { number, force = false, note = null } = request;
    const requestedBy = provenance.actor;
    return this.whenCaughtUp(
      view,
      () => number,
      (_, standing) => {
        const differing = shadow.differing(view, number);
        const about = { number, standing, force, note, differing, openLetters: openLetters(view, number) };
        const atMs = clock.nowMs();
        return store.execute(view, { type: 'FlipGeneration', ...about, requestedBy, atMs }, provenance);
      },
    );
  }

  async rollBack(
    view: string,
    { from = null }: RollBackRequest,
    provenance: Provenance,
  ): Promise<ViewOutcome> {
    const { store, clock } = this.options;
    const requestedBy = provenance.actor;
    return this.whenCaughtUp(
      view,
      ({ previous }) => previous ?? 0,
      (number, standing) => {
        const atMs = clock.nowMs();
        const about = { number, from, standing, requestedBy, atMs };
        return store.execute(view, { type: 'RollBack', ...about }, provenance);
      },
    );
  }

  /**
   * Asks again with every report until the generation is no longer behind, or the time is up. What the live one had
   * shown is noted once, at the beginning: under a steady stream of writes two samples of two moving generations would
   * hardly ever compare well, and query services go over only when the new one has passed what they showed last.
   */
  private async whenCaughtUp(
    view: string,
    choose: (known: ViewGenerations) => number,
    ask: (number: number, standing: FlipStanding) => Promise<ViewOutcome>,
  ): Promise<ViewOutcome> {
    const { store, reports, clock, flipWaitMs } = this.options;
    const known = await store.read(view);
    if (wasRefused(known)) return known;
    const number = choose(known);
    const shown = await this.shownBy(known);
    const deadlineMs = clock.nowMs() + flipWaitMs;
    for (;;) {
      const applied = reports.of(view).applied.get(number);
      const outcome = await ask(number, { replaces: known.live, shown, applied: applied ?? new Map() });
      const leftMs = deadlineMs - clock.nowMs();
      if (!wasRefused(outcome) || outcome.code !== generationBehind || leftMs <= 0 || this.stopping)
        return outcome;
      if (reports.of(view).applied.get(number) === applied)
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

  private async targets(sourceTopics: readonly string[]) {
    return offsetsOf(await this.options.admin.endOffsets(sourceTopics));
  }
}

function noBuilder(view: string, version: number): Refusal {
  return refuse('conflict', 'no-builder', `No builder runs definition version ${version} of ${view}.`);
}
