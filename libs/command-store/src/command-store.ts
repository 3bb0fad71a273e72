import { randomUUID } from 'node:crypto';
import { callsFor, formatPositions, type Clock, type Metrics, type Positions } from '@reprise/kernel';
import { whileAway, type LogConnection } from '@reprise/log';
import pg from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { CommandMetrics } from './command-metrics.js';
import { enforceRules } from './enforce-rules.js';
import { partitionsOf, type CommandOutcome, type CommandRequest, type EntityType } from './entity.js';
import { commandStoreError } from './errors.js';
import { EventRecorder } from './event-recorder.js';
import { Groups } from './groups.js';
import { operationOf, type Operation } from './operation.js';
import { isSerializationFailure, reaching } from './postgres-failures.js';
import type { Publication, Publications } from './publications.js';
import { readEntity } from './sql/entities.js';
import * as operations from './sql/operations.js';
import { isOutboxEmptyUpTo, measureOutbox, newestInOutbox, presentInOutbox } from './sql/outbox.js';
import { seekOnly } from './sql/queryable.js';
import { createTables } from './sql/tables.js';
import { executeIn, type ExecutedCommand } from './transaction.js';

export interface CommandStoreOptions {
  /** Postgres database of this service alone. */
  readonly connectionString: string;
  /** The producing service, as CloudEvents' source: `/flight-commands`. */
  readonly source: string;
  readonly entities: readonly EntityType<never>[];
  readonly log: LogConnection;
  readonly clock: Clock;
  /** Hears where records landed; without it nobody is told. Started and stopped by whoever made it. */
  readonly publications?: Publications;
  readonly maxConnections?: number;
  readonly metrics?: Metrics;
}

/** A command that was decided and stored, or refused. */
export interface Submission {
  readonly outcome: CommandOutcome;
  /** By which it can be asked what becomes of it; undefined when it was refused. */
  readonly operationId: string | undefined;
  /**
   * How far a reader has come that shows what the command left, or further; empty when there is nothing to show. Undefined
   * when that is not known within this time. To be asked once.
   */
  positions(waitMs: number): Promise<Positions | undefined>;
}

export interface OutboxState {
  /** Records that wait to be published. */
  readonly depth: number;
  /** Since when the oldest waits; undefined when none does. */
  readonly oldestAgeMs: number | undefined;
}

type Watch = (executed: ExecutedCommand, request: CommandRequest) => Publication | undefined;

interface Attempt {
  readonly executed: readonly ExecutedCommand[];
  readonly publications: readonly (Publication | undefined)[];
}

/** One submitted command after its transaction. */
interface Submitted {
  readonly command: ExecutedCommand;
  readonly publication: Publication | undefined;
}

const maxAttempts = 20;
/** Commands that are submitted at once share transactions, of which so many are open at a time. */
const groupsAtOnce = 2;
const groupCommands = 64;
/** About a second's worth: who comes later had better come again. */
const mostWaiting = 5_000;
/** An operation that is published is found out within this time, or is pending as far as anybody knows. */
const lookUpLimitMs = 2_000;
const lookAgainMs = 25;

/**
 * The write side's store. A call of `execute` is one transaction: it locks the entities, decides, and writes the new
 * states, the command ids and the events' outbox together, so that either all of it happened or nothing did.
 */
export class CommandStore {
  private readonly pool: pg.Pool;
  private recorder: EventRecorder | undefined;
  private readonly measured: CommandMetrics;
  private readonly groups = new Groups<CommandRequest, Submitted>({
    execute: (requests) => this.runTogether(requests),
    atOnce: groupsAtOnce,
    most: groupCommands,
    mostWaiting,
    refusal: () => commandStoreError('command-store-overloaded', `${mostWaiting} commands wait already`),
    isShared: (failure) => callsFor(failure, 'retry'),
  });

  constructor(private readonly options: CommandStoreOptions) {
    this.pool = new pg.Pool({
      connectionString: options.connectionString,
      max: options.maxConnections ?? 10,
      pipeline: true,
    });
    this.measured = new CommandMetrics({
      metrics: options.metrics,
      groups: () => this.groups.load,
      outbox: () => this.outbox(),
    });
    // A connection that breaks while idle is replaced at its next use; whoever uses it then is told.
    this.pool.on('error', () => undefined);
    // One that breaks in use fails its statement; the event alone must not end the process.
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
      // Sent before what it is wanted for; where it fails, that fails as well.
      seekOnly(client).catch(() => undefined);
    });
  }

  async start(): Promise<void> {
    const { entities, log } = this.options;
    await whileAway(() => reaching(() => createTables(this.pool)), log);
    await whileAway(() => reaching(() => enforceRules(this.pool, entities)), log);
    this.recorder = await EventRecorder.open(entities, this.options);
  }

  async stop(): Promise<void> {
    await this.pool.end();
  }

  /**
   * Decides the commands in order, each on the state left by the ones before. A refusal undoes nothing but itself.
   * @throws CodedError `command-store-unavailable`: nothing was done, or (only when the connection broke during the
   * commit) all of it; executing again with the same command ids tells which.
   */
  async execute(requests: readonly CommandRequest[]): Promise<readonly CommandOutcome[]> {
    if (requests.length === 0) return [];
    const { executed } = await this.run(requests, () => undefined);
    return executed.map(({ outcome }) => outcome);
  }

  /** Executes one command, as an operation, and follows it to the log. @throws as {@link execute}. */
  async submit(request: CommandRequest): Promise<Submission> {
    const { command, publication } = await this.groups.submit({ ...request, operationId: randomUUID() });
    const { outcome, operationId } = command;
    return { outcome, operationId, positions: async (waitMs) => publication?.positions(waitMs) };
  }

  /**
   * How far a reader has come that shows all that was committed in these partitions before the call, or further; undefined when
   * that is not known within this time, or `goOn` says no before.
   */
  async positions(
    partitions: Iterable<string>,
    { waitMs, goOn = () => true }: { readonly waitMs: number; readonly goOn?: () => boolean },
  ): Promise<Positions | undefined> {
    const { publications } = this.options;
    const untilMs = performance.now() + waitMs;
    const isOver = (): boolean => performance.now() >= untilMs || !goOn();
    const newest = await reaching(() => newestInOutbox(this.pool));
    // By its absence alone: one that commits late is there, and lower, when the newest is published.
    while (newest !== undefined && !(await reaching(() => isOutboxEmptyUpTo(this.pool, newest)))) {
      if (isOver()) return undefined;
      await pause(lookAgainMs);
    }
    for (;;) {
      const ends = await publications?.ends([...partitions], lookUpLimitMs);
      if (ends || !publications || isOver()) return ends;
      await pause(lookAgainMs);
    }
  }

  /** Undefined when there is none, or it was forgotten since. */
  async operation(id: string): Promise<Operation | undefined> {
    const row = await reaching(() => operations.readOperation(this.pool, id));
    if (!row || row.position !== null) return row && operationOf(row);
    const positions = await this.publishedPositions(row);
    if (!positions) return operationOf(row);
    const settled = { id, position: formatPositions(positions) };
    return operationOf((await reaching(() => operations.settleOperation(this.pool, settled))) ?? row);
  }

  async read(
    entity: EntityType<never>,
    key: string,
  ): Promise<{ version: number; state: unknown } | undefined> {
    const row = await reaching(() => readEntity(this.pool, { stream: entity.contract.name, key }));
    return row && { version: row.version, state: row.state ?? undefined };
  }

  outbox(): Promise<OutboxState> {
    return reaching(() => measureOutbox(this.pool));
  }

  /** Records that wait to be published. */
  async outboxDepth(): Promise<number> {
    return (await this.outbox()).depth;
  }

  private async runTogether(requests: readonly CommandRequest[]): Promise<Submitted[]> {
    const { executed, publications } = await this.run(requests, (command, request) =>
      this.watch(command, request),
    );
    return executed.map((command, place) => ({ command, publication: publications[place] }));
  }

  private async run(requests: readonly CommandRequest[], watch: Watch): Promise<Attempt> {
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const done = await this.timed(() => reaching(() => this.tryToRun(requests, watch)));
      if (!done) continue;
      this.measured.decided(
        requests,
        done.executed.map(({ outcome }) => outcome),
      );
      return done;
    }
    throw commandStoreError('command-store-contended', `no turn within ${maxAttempts} attempts`);
  }

  private async timed(work: () => Promise<Attempt | undefined>): Promise<Attempt | undefined> {
    const beganMs = performance.now();
    let outcome: 'committed' | 'contended' | 'failed' = 'failed';
    try {
      const done = await work();
      outcome = done ? 'committed' : 'contended';
      return done;
    } finally {
      this.measured.transacted(outcome, performance.now() - beganMs);
    }
  }

  /** Undefined when another transaction came first: nothing was done. */
  private async tryToRun(requests: readonly CommandRequest[], watch: Watch): Promise<Attempt | undefined> {
    const { recorder } = this;
    if (!recorder) throw new Error('the command store was not started');
    const client = await this.pool.connect();
    let broken: Error | undefined;
    let publications: (Publication | undefined)[] = [];
    try {
      const executed = await executeIn(client, requests, { recorder, nowMs: this.options.clock.nowMs() });
      // Before the commit: as soon as it is done the relay may publish, and tell it once.
      publications = (executed ?? []).flatMap((command, place) => {
        const request = requests[place];
        return request ? [watch(command, request)] : [];
      });
      await client.query(executed ? 'COMMIT' : 'ROLLBACK');
      for (const publication of publications) publication?.committed();
      return executed && { executed, publications };
    } catch (failure) {
      for (const publication of publications) publication?.forget();
      broken = await rollBack(client);
      if (isSerializationFailure(failure)) return undefined;
      throw failure;
    } finally {
      client.release(broken);
    }
  }

  private watch({ records, isFresh }: ExecutedCommand, request: CommandRequest): Publication | undefined {
    const partitions = partitionsOf(request.entity, request.key);
    return this.options.publications?.watch({ records, isFresh, partitions });
  }

  private async publishedPositions(row: operations.OperationRow): Promise<Positions | undefined> {
    const { records, stream, key } = row;
    const waiting = await reaching(() => presentInOutbox(this.pool, records));
    if (waiting.size > 0) return undefined;
    const entity = this.options.entities.find(({ contract }) => contract.name === stream);
    const partitions = entity ? partitionsOf(entity, key) : [];
    return this.options.publications?.watch({ records, partitions, isFresh: false }).positions(lookUpLimitMs);
  }
}

async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (failure) {
    return failure instanceof Error ? failure : new Error(String(failure));
  }
}
