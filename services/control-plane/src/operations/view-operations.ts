import type { Provenance } from '@reprise/contracts';
import { refuse, type Refusal } from '@reprise/decider';
import type { LiveBuilder } from '../builders/builder-reports.js';
import { offsetsOf } from '../builders/progress.js';
import type { RequestVerification, ThrottleGeneration } from '../generations/commands.js';
import { wasRefused, type ViewOutcome } from '../generations/view-generations-store.js';
import { FlipDesk, type FlipDeskOptions, type FlipRequest, type RollBackRequest } from './flip-desk.js';

export type ViewOperationsOptions = FlipDeskOptions;

/** What is to be checked, and how. */
export type VerificationRequest = Pick<RequestVerification, 'number' | 'repair' | 'against'>;

export type ThrottleRequest = Pick<ThrottleGeneration, 'number' | 'maxRecordsPerSecond'>;

export interface RebuildRequest {
  readonly autoFlip: boolean;
  /** Default: the newest that was announced. */
  readonly definitionVersion?: number | undefined;
}

/**
 * What can be done to a view, by an operator or by the reconcile loop. Each is one command: here the facts it is decided
 * on are gathered, there (in the decider) it is decided. All may throw CodedErrors of a store or a log that is away.
 */
export class ViewOperations {
  private readonly flips: FlipDesk;

  constructor(private readonly options: ViewOperationsOptions) {
    this.flips = new FlipDesk(options);
  }

  /** Flips that wait give up soon. */
  stop(): void {
    this.flips.stop();
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

  flip(view: string, request: FlipRequest, provenance: Provenance): Promise<ViewOutcome> {
    return this.flips.flip(view, request, provenance);
  }

  rollBack(view: string, request: RollBackRequest, provenance: Provenance): Promise<ViewOutcome> {
    return this.flips.rollBack(view, request, provenance);
  }

  private async targets(sourceTopics: readonly string[]) {
    return offsetsOf(await this.options.admin.endOffsets(sourceTopics));
  }
}

function noBuilder(view: string, version: number): Refusal {
  return refuse('conflict', 'no-builder', `No builder runs definition version ${version} of ${view}.`);
}
