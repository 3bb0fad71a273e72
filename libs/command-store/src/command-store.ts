import { randomUUID } from 'node:crypto';
import { eventHeaders, type Envelope, type StreamContract } from '@reprise/contracts';
import type { Clock } from '@reprise/kernel';
import { StreamEncoder, whileAway, type LogConnection } from '@reprise/log';
import pg from 'pg';
import { decideBatch, type BatchDecisions, type RecordedEvent } from './decide-batch.js';
import type { CommandOutcome, CommandRequest, EntityType } from './entity.js';
import { commandStoreError } from './errors.js';
import * as sql from './statements.js';
import { storedOutcome } from './stored-outcome.js';

export interface CommandStoreOptions {
  /** Postgres database of this service alone. */
  readonly connectionString: string;
  /** The producing service, as CloudEvents' source: `/flight-commands`. */
  readonly source: string;
  readonly entities: readonly EntityType<never>[];
  readonly log: LogConnection;
  readonly clock: Clock;
  readonly maxConnections?: number;
}

const maxAttempts = 20;

/**
 * The write side's store. A call of `execute` is one transaction: it locks the entities, decides, and writes the new
 * states, the command ids and the events' outbox together, so that either all of it happened or nothing did.
 */
export class CommandStore {
  private readonly pool: pg.Pool;
  private readonly encoders = new Map<string, StreamEncoder<unknown>>();

  constructor(private readonly options: CommandStoreOptions) {
    this.pool = new pg.Pool({
      connectionString: options.connectionString,
      max: options.maxConnections ?? 10,
    });
    // A connection that breaks while idle is replaced at its next use; whoever uses it then is told.
    this.pool.on('error', () => undefined);
    // One that breaks in use fails its statement; the event alone must not end the process.
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
  }

  async start(): Promise<void> {
    await whileAway(() => this.reaching(() => sql.createTables(this.pool)), this.options.log);
    for (const { contract } of this.options.entities) {
      this.encoders.set(contract.name, await StreamEncoder.open(contract, this.options.log));
    }
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
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const outcomes = await this.reaching(() => this.tryToExecute(requests));
      if (outcomes) return outcomes;
    }
    throw commandStoreError('command-store-contended', `no turn within ${maxAttempts} attempts`);
  }

  async read(
    entity: EntityType<never>,
    key: string,
  ): Promise<{ version: number; state: unknown } | undefined> {
    const row = await this.reaching(() => sql.readEntity(this.pool, { stream: entity.contract.name, key }));
    return row && { version: row.version, state: row.state ?? undefined };
  }

  /** Records that wait to be published. */
  outboxDepth(): Promise<number> {
    return this.reaching(() => sql.countOutbox(this.pool));
  }

  /** Undefined when another transaction came first: nothing was done. */
  private async tryToExecute(
    requests: readonly CommandRequest[],
  ): Promise<readonly CommandOutcome[] | undefined> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const outcomes = await this.executeIn(client, requests);
      await client.query(outcomes ? 'COMMIT' : 'ROLLBACK');
      return outcomes;
    } catch (failure) {
      broken = await rollBack(client);
      if (isSerializationFailure(failure)) return undefined;
      throw failure;
    } finally {
      client.release(broken);
    }
  }

  private async executeIn(
    client: pg.PoolClient,
    requests: readonly CommandRequest[],
  ): Promise<readonly CommandOutcome[] | undefined> {
    const entities = await sql.lockEntities(client, addressesOf(requests));
    const repeats = await this.earlierOutcomes(client, requests);
    const decisions = decideBatch(requests, { entities, repeats }, this.options.clock.nowMs());
    const written = await this.write(client, decisions, entities);
    if (!written || !(await recordCommands(client, requests, { repeats, outcomes: decisions.outcomes })))
      return undefined;
    return decisions.outcomes;
  }

  private async earlierOutcomes(client: pg.PoolClient, requests: readonly CommandRequest[]) {
    const ids = requests.flatMap(({ commandId }) => commandId ?? []);
    const rows = ids.length === 0 ? [] : await sql.readCommands(client, ids);
    return new Map(rows.map(({ commandId, outcome }) => [commandId, storedOutcome(outcome)]));
  }

  /** False when an entity that is new to us was made by another transaction meanwhile. */
  private async write(
    client: pg.PoolClient,
    { changed, events }: BatchDecisions,
    known: readonly sql.EntityRow[],
  ): Promise<boolean> {
    if (changed.length === 0) return true;
    const existing = new Set(known.map(({ stream, key }) => `${stream}/${key}`));
    const isKnown = ({ stream, key }: sql.EntityRow): boolean => existing.has(`${stream}/${key}`);
    // In one order for all, as the locks, so that two transactions that make the same entities do not wait in a ring.
    const fresh = changed.filter((row) => !isKnown(row)).sort(byAddress);
    const updated = changed.filter(isKnown);
    if (fresh.length > 0 && (await sql.insertEntities(client, fresh)) < fresh.length) return false;
    if (updated.length > 0) await sql.updateEntities(client, updated);
    await sql.insertOutbox(
      client,
      events.flatMap((event) => this.outboxRows(event)),
    );
    return true;
  }

  /** The event (in its history too, under the same id) and, after the one that deletes, the tombstone. */
  private outboxRows({ request: { entity, key, provenance }, envelope }: RecordedEvent): sql.OutboxRow[] {
    const { contract, history } = entity;
    const headersOf = (): Record<string, string> =>
      eventHeaders(contract, envelope, { id: randomUUID(), source: this.options.source, key, provenance });
    const fact = { key, value: this.encode(contract, envelope), headers: headersOf() };
    const rows: sql.OutboxRow[] = [{ ...fact, topic: contract.topic }];
    // Two streams by the same schema: an id of the registry stands for a schema, whoever registered it.
    if (history) rows.push({ ...fact, topic: history.topic });
    if (envelope.deleted) rows.push({ topic: contract.topic, key, value: null, headers: headersOf() });
    return rows;
  }

  private encode(contract: StreamContract<unknown>, envelope: Envelope<unknown>): Buffer {
    const encoder = this.encoders.get(contract.name);
    if (!encoder)
      throw new RangeError(
        `stream ${contract.name} is not among this store's entities, or it was not started`,
      );
    return encoder.encode(envelope);
  }

  private async reaching<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (cause) {
      if (isConnectionFailure(cause)) {
        throw commandStoreError('command-store-unavailable', 'the write store cannot be reached', cause);
      }
      throw cause;
    }
  }
}

function addressesOf(requests: readonly CommandRequest[]): sql.EntityAddress[] {
  const addresses = new Map<string, sql.EntityAddress>();
  for (const { entity, key } of requests) {
    addresses.set(`${entity.contract.name}/${key}`, { stream: entity.contract.name, key });
  }
  return [...addresses.values()];
}

async function recordCommands(
  client: pg.PoolClient,
  requests: readonly CommandRequest[],
  {
    repeats,
    outcomes,
  }: { repeats: ReadonlyMap<string, CommandOutcome>; outcomes: readonly CommandOutcome[] },
): Promise<boolean> {
  const rows = new Map<string, sql.CommandRow>();
  requests.forEach(({ commandId }, place) => {
    if (commandId === undefined || repeats.has(commandId) || rows.has(commandId)) return;
    rows.set(commandId, { commandId, outcome: outcomes[place] });
  });
  if (rows.size === 0) return true;
  const sorted = [...rows.values()].sort((left, right) => (left.commandId < right.commandId ? -1 : 1));
  return (await sql.insertCommands(client, sorted)) === rows.size;
}

function byAddress(left: sql.EntityAddress, right: sql.EntityAddress): number {
  if (left.stream !== right.stream) return left.stream < right.stream ? -1 : 1;
  return left.key < right.key ? -1 : 1;
}

async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('ROLLBACK');
    return undefined;
  } catch (failure) {
    return failure instanceof Error ? failure : new Error(String(failure));
  }
}

/** Class 40: the server rolled back one of several transactions that stood in each other's way. */
function isSerializationFailure(cause: unknown): boolean {
  return (
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && cause.code.startsWith('40')
  );
}

/** Class 08 (connection), 53 (resources), 57P (shutdown), or no answer from the server at all. */
export function isConnectionFailure(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  return (
    /^(08|53|57P)/.test(code) ||
    /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/.test(code) ||
    /connection (terminated|ended|timeout)|not queryable/i.test(cause.message)
  );
}
