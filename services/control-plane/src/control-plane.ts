import { CommandStore, OutboxRelay } from '@reprise/command-store';
import type {
  BuilderReport,
  DeadLetter,
  Generation,
  RedriveRequest,
  ShadowReport,
  StreamContract,
  ViewGenerations,
} from '@reprise/contracts';
import type { Clock, Metrics } from '@reprise/kernel';
import { LogAdmin, StreamTail, type LogConnection, type TailRecord } from '@reprise/log';
import { BuilderReports } from './builders/builder-reports.js';
import { DeadLetterDesk } from './dead-letters/dead-letter-desk.js';
import { openLettersOf } from './dead-letters/held-letters.js';
import { ExpiryClock } from './expiry/expiry-clock.js';
import { StoredNotes } from './expiry/stored-notes.js';
import { viewGenerationsOn } from './generations/entity.js';
import { KnownViews } from './generations/known-views.js';
import { ViewGenerationsStore } from './generations/view-generations-store.js';
import { ViewOperations } from './operations/view-operations.js';
import { Reconciler } from './reconcile/reconciler.js';
import { tombstonesKeptMs } from './reconcile/tombstones.js';
import { ShadowDesk } from './shadow/shadow-desk.js';
import { shadowGate, type ShadowGate, type ShadowRules } from './shadow/shadow-gate.js';

export interface ControlPlaneOptions {
  readonly streams: {
    readonly generation: StreamContract<ViewGenerations>;
    readonly builder: StreamContract<BuilderReport>;
    readonly deadLetter: StreamContract<DeadLetter>;
    readonly redrive: StreamContract<RedriveRequest>;
    readonly shadowRead: StreamContract<ShadowReport>;
  };
  /** Postgres database of the control plane alone. */
  readonly connectionString: string;
  readonly log: LogConnection;
  readonly clock: Clock;
  readonly readyLagRecords: number;
  readonly flipWaitMs: number;
  /** See {@link FlipDeskOptions}. */
  readonly approachMs?: number;
  /** A generation with more mismatches among its shadow reads is not flipped to. */
  readonly maxShadowMismatches: number;
  /** What is compared before a generation goes live by itself. */
  readonly shadowRules: ShadowRules;
  readonly builderStaleMs: number;
  readonly metrics?: Metrics;
  /** Told when something keeps a view (or the relay) from going on, and (undefined) when it is over. */
  readonly onTrouble: (where: string, reason: string | undefined) => void;
  readonly onFatal: (reason: unknown) => void;
}

/** All that the control plane consists of, but its doors. */
export class ControlPlane {
  readonly views: KnownViews;
  readonly reports: BuilderReports;
  readonly store: ViewGenerationsStore;
  readonly operations: ViewOperations;
  readonly reconciler: Reconciler;
  readonly deadLetters: DeadLetterDesk;
  readonly expiry: ExpiryClock;
  private readonly notes: StoredNotes;
  readonly shadow: ShadowDesk;
  private readonly commands: CommandStore;
  private readonly relay: OutboxRelay;
  private readonly admin: LogAdmin;
  private readonly builders: StreamTail<BuilderReport>;
  private caughtUp = false;

  constructor(private readonly options: ControlPlaneOptions) {
    const { connectionString, log, clock, onTrouble, onFatal } = options;
    const measured = options.metrics ? { metrics: options.metrics } : {};
    const entity = viewGenerationsOn(options.streams.generation);
    this.commands = new CommandStore({
      connectionString,
      source: '/control-plane',
      entities: [entity],
      log,
      clock,
      ...measured,
    });
    this.relay = new OutboxRelay({
      connectionString,
      log,
      onTrouble: (reason) => {
        onTrouble('outbox relay', reason);
      },
      ...measured,
    });
    this.admin = new LogAdmin(log);
    this.reports = new BuilderReports({ clock, staleAfterMs: options.builderStaleMs });
    [this.views, this.builders] = this.follow(options);
    this.deadLetters = new DeadLetterDesk({
      letters: options.streams.deadLetter,
      requests: options.streams.redrive,
      connection: log,
      clock,
      onUndecodable: (reason) => {
        onTrouble('streams', reason);
      },
      onFatal,
    });
    this.shadow = this.followShadow(options);
    this.store = new ViewGenerationsStore(this.commands, entity);
    const { views, reports, store, admin } = this;
    const openLetters = (view: string, number: number): number =>
      openLettersOf(this.deadLetters.held, view).get(number) ?? 0;
    const shadow = this.shadow.counts;
    this.operations = new ViewOperations({ ...options, store, reports, shadow, admin, openLetters });
    const rules = { readyLagRecords: options.readyLagRecords, tombstonesKeptMs };
    this.notes = new StoredNotes({ connectionString, log });
    const staleAfterMs = options.builderStaleMs;
    this.expiry = new ExpiryClock({ notes: this.notes, tombstonesKeptMs, staleAfterMs, clock });
    const parts = { views, reports, store, operations: this.operations, expiry: this.expiry };
    const shadowGateOf = (view: ViewGenerations, one: Generation): ShadowGate => this.shadowGate(view, one);
    this.reconciler = new Reconciler({ ...parts, clock, rules, shadowGateOf, onTrouble, onFatal });
  }

  /** Resolves when all views and all builders' reports so far are known. */
  async start(): Promise<void> {
    await this.commands.start();
    await this.notes.start();
    await this.relay.start();
    await Promise.all([
      this.views.start(),
      this.builders.start(),
      this.deadLetters.start(),
      this.shadow.start(),
    ]);
    this.caughtUp = true;
    await this.reconciler.start();
  }

  async stop(): Promise<void> {
    this.operations.stop();
    await this.reconciler.stop();
    await this.shadow.stop();
    await Promise.all([this.views.stop(), this.builders.stop(), this.deadLetters.stop()]);
    await this.relay.stop();
    await this.admin.stop();
    await this.notes.stop();
    await this.commands.stop();
  }

  /** Of a generation that goes live by itself. */
  shadowGate(view: ViewGenerations, generation: Generation): ShadowGate {
    const shadow = this.shadow.counts.of(view.view).get(generation.number);
    return shadowGate(view, generation, { shadow, rules: this.options.shadowRules, nowMs: this.nowMs() });
  }

  nowMs(): number {
    return this.options.clock.nowMs();
  }

  /** @throws Error while a view may be unknown that is known to the log. */
  requireCaughtUp(): void {
    if (!this.caughtUp) throw new Error('the streams are being read');
  }

  /** @throws CodedError while Postgres does not answer. */
  async requirePostgres(): Promise<void> {
    await this.commands.outboxDepth();
  }

  private followShadow({ streams, log, maxShadowMismatches, onTrouble, onFatal }: ControlPlaneOptions) {
    return new ShadowDesk({
      contract: streams.shadowRead,
      connection: log,
      view: (name) => this.views.view(name),
      maxMismatches: maxShadowMismatches,
      onTrouble: (reason) => {
        if (reason !== undefined) onTrouble('shadow reads', reason);
      },
      onUndecodable: (reason) => {
        onTrouble('streams', reason);
      },
      onFatal,
    });
  }

  private follow(options: ControlPlaneOptions): [KnownViews, StreamTail<BuilderReport>] {
    const { streams, log: connection, onTrouble, onFatal } = options;
    const onUndecodable = (reason: string): void => {
      onTrouble('streams', reason);
    };
    const onRecord = (record: TailRecord<BuilderReport>): void => {
      this.reports.take(record);
    };
    return [
      new KnownViews({ contract: streams.generation, connection, onUndecodable, onFatal }),
      new StreamTail({ contract: streams.builder, connection, onRecord, onUndecodable, onFatal }),
    ];
  }
}
