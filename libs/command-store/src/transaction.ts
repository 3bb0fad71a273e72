import type { PoolClient } from 'pg';
import { claimId } from './claim-book.js';
import {
  addressId,
  decideBatch,
  type BatchBasis,
  type BatchDecisions,
  type EarlierAnswer,
} from './decide-batch.js';
import { isExecuted, type CommandOutcome, type CommandRequest } from './entity.js';
import type { EventRecorder } from './event-recorder.js';
import { fingerprintOf } from './fingerprint.js';
import { insertCallback } from './sql/callbacks.js';
import { deleteClaims, insertClaims, readClaims } from './sql/claims.js';
import * as commands from './sql/commands.js';
import * as entities from './sql/entities.js';
import { insertOperations, type NewOperation } from './sql/operations.js';
import { insertOutbox, reserveOutbox, type OutboxRow, type StoredOutboxRow } from './sql/outbox.js';
import { storedOutcome } from './stored-outcome.js';

/** What became of one request, and which records show it. */
export interface ExecutedCommand {
  readonly outcome: CommandOutcome;
  /** Outbox ids: of its own events, or of the entity's newest when it made none now. Empty when nothing was executed. */
  readonly records: readonly string[];
  /** True when this transaction wrote them. */
  readonly isFresh: boolean;
  /** That of the first execution, when it is a repetition. */
  readonly operationId: string | undefined;
}

/** A row of the outbox, and by which request it came. */
type RecordedRow = OutboxRow & { readonly request: CommandRequest };
type IdentifiedRow = RecordedRow & StoredOutboxRow;

/** Most commands make one event, which is a record of the entity and one of its history. */
const usualRecords = 2;

/** Outbox ids, of what each request and each entity wrote. Of an entity only the newest in each topic. */
interface WrittenRecords {
  readonly ofRequests: ReadonlyMap<CommandRequest, readonly string[]>;
  readonly ofEntities: ReadonlyMap<string, readonly string[]>;
}

interface EarlierCommand extends EarlierAnswer {
  readonly operationId: string | undefined;
}

/**
 * Opens a transaction and executes the requests in it; the caller ends it. Undefined when another one came first: then it has
 * to be rolled back.
 * Statements that need nothing of each other are sent together, and the server executes them in the order in which they
 * are sent: what is read of earlier commands is read under the locks.
 */
export async function executeIn(
  client: PoolClient,
  requests: readonly CommandRequest[],
  { recorder, nowMs }: { readonly recorder: EventRecorder; readonly nowMs: number },
): Promise<readonly ExecutedCommand[] | undefined> {
  const [, known, earlier, ids] = await Promise.all([
    client.query('BEGIN'),
    entities.lockEntities(client, addressesOf(requests)),
    earlierCommands(client, requests),
    reserveOutbox(client, requests.length * usualRecords),
  ]);
  const basis = { entities: known, repeats: earlier };
  const decisions = await decideKnowingHolders(client, requests, { basis, nowMs });
  const rows = decisions.events.flatMap((event) =>
    recorder.rowsOf(event).map((row) => ({ ...row, request: event.request })),
  );
  if (rows.length > ids.length) ids.push(...(await reserveOutbox(client, rows.length - ids.length)));
  const records = withIds(rows, ids);
  const written = writtenRecords(records);
  const executed = executedCommands(requests, decisions.outcomes, { known, written, earlier });
  const isFirst = await Promise.all([
    records.length === 0 || insertOutbox(client, records).then(() => true),
    writeEntities(client, decisions, { known, written }),
    writeClaims(client, decisions),
    recordCommands(client, requests, { earlier, executed }),
    recordOperations(client, requests, executed),
  ]);
  return isFirst.every(Boolean) ? executed : undefined;
}

function addressesOf(requests: readonly CommandRequest[]): entities.EntityAddress[] {
  const addresses = new Map<string, entities.EntityAddress>();
  for (const { entity, key } of requests) {
    addresses.set(addressId(entity.contract.name, key), { stream: entity.contract.name, key });
  }
  return [...addresses.values()];
}

async function earlierCommands(
  client: PoolClient,
  requests: readonly CommandRequest[],
): Promise<ReadonlyMap<string, EarlierCommand>> {
  const ids = requests.flatMap(({ commandId }) => commandId ?? []);
  const rows = ids.length === 0 ? [] : await commands.readCommands(client, ids);
  return new Map(
    rows.map(({ commandId, outcome, ...row }) => [commandId, { ...row, outcome: storedOutcome(outcome) }]),
  );
}

/**
 * Decides, looks up who holds the values that would be claimed, and decides anew, until all that matters is known: each
 * round knows more values, and the commands can claim so many only.
 */
async function decideKnowingHolders(
  client: PoolClient,
  requests: readonly CommandRequest[],
  { basis, nowMs }: { readonly basis: Omit<BatchBasis, 'holders'>; readonly nowMs: number },
): Promise<BatchDecisions> {
  const holders = new Map<string, string | null>();
  for (;;) {
    const decisions = decideBatch(requests, { ...basis, holders }, nowMs);
    if (decisions.unknown.length === 0) return decisions;
    for (const value of decisions.unknown) holders.set(claimId(value), null);
    for (const claim of await readClaims(client, decisions.unknown)) holders.set(claimId(claim), claim.key);
  }
}

/** False when another transaction took one of the values meanwhile. */
async function writeClaims(client: PoolClient, { released, claimed }: BatchDecisions): Promise<boolean> {
  // In one order for all, as the locks.
  const sorted = claimed.toSorted((left, right) => (claimId(left) < claimId(right) ? -1 : 1));
  const [, inserted] = await Promise.all([
    released.length === 0 ? undefined : deleteClaims(client, released),
    sorted.length === 0 ? 0 : insertClaims(client, sorted),
  ]);
  return inserted === sorted.length;
}

/** Ids grow along the rows, and from a transaction on an entity to the next: they are given under its lock. */
function withIds(rows: readonly RecordedRow[], ids: readonly string[]): readonly IdentifiedRow[] {
  return rows.map((row, place) => {
    const id = ids[place];
    if (id === undefined) throw new RangeError('the outbox gave fewer ids than it was asked for');
    return { ...row, id };
  });
}

function writtenRecords(records: readonly IdentifiedRow[]): WrittenRecords {
  const ofRequests = new Map<CommandRequest, string[]>();
  const newest = new Map<string, Map<string, string>>();
  for (const { id, topic, key, request } of records) {
    entry(ofRequests, request, () => []).push(id);
    entry(newest, addressId(request.entity.contract.name, key), () => new Map()).set(topic, id);
  }
  const ofEntities = new Map([...newest].map(([address, byTopic]) => [address, [...byTopic.values()]]));
  return { ofRequests, ofEntities };
}

/** False when an entity that is new to us was made by another transaction meanwhile. */
async function writeEntities(
  client: PoolClient,
  { changed }: BatchDecisions,
  { known, written }: { known: readonly entities.EntityRow[]; written: WrittenRecords },
): Promise<boolean> {
  const existing = new Set(known.map(({ stream, key }) => addressId(stream, key)));
  const isKnown = ({ stream, key }: entities.EntityRow): boolean => existing.has(addressId(stream, key));
  const rows = changed.map((row) => ({
    ...row,
    records: written.ofEntities.get(addressId(row.stream, row.key)) ?? [],
  }));
  // In one order for all, as the locks, so that two transactions that make the same entities do not wait in a ring.
  const fresh = rows.filter((row) => !isKnown(row)).sort(byAddress);
  const updated = rows.filter(isKnown);
  const [inserted] = await Promise.all([
    fresh.length === 0 ? 0 : entities.insertEntities(client, fresh),
    updated.length === 0 ? undefined : entities.updateEntities(client, updated),
  ]);
  return inserted === fresh.length;
}

function executedCommands(
  requests: readonly CommandRequest[],
  outcomes: readonly CommandOutcome[],
  {
    known,
    written,
    earlier,
  }: {
    known: readonly entities.StoredEntityRow[];
    written: WrittenRecords;
    earlier: ReadonlyMap<string, EarlierCommand>;
  },
): ExecutedCommand[] {
  const before = new Map(known.map(({ stream, key, records }) => [addressId(stream, key), records]));
  return requests.map((request, place) => {
    const outcome = outcomes[place];
    if (!outcome) throw new RangeError('fewer outcomes than requests');
    if (!isExecuted(outcome)) return { outcome, records: [], isFresh: true, operationId: undefined };
    const address = addressId(request.entity.contract.name, request.key);
    const own = written.ofRequests.get(request) ?? written.ofEntities.get(address);
    const first = request.commandId === undefined ? undefined : earlier.get(request.commandId);
    return {
      outcome,
      records: own ?? before.get(address) ?? [],
      isFresh: own !== undefined,
      operationId: first?.operationId ?? request.operationId,
    };
  });
}

/** False when another transaction executed one of them meanwhile. */
async function recordCommands(
  client: PoolClient,
  requests: readonly CommandRequest[],
  {
    earlier,
    executed,
  }: { earlier: ReadonlyMap<string, EarlierCommand>; executed: readonly ExecutedCommand[] },
): Promise<boolean> {
  const rows = new Map<string, commands.CommandRow>();
  requests.forEach((request, place) => {
    const { commandId } = request;
    if (commandId === undefined || earlier.has(commandId) || rows.has(commandId)) return;
    const { outcome, operationId } = executed[place] ?? {};
    rows.set(commandId, { commandId, outcome, operationId, fingerprint: fingerprintOf(request) });
  });
  if (rows.size === 0) return true;
  const sorted = [...rows.values()].sort((left, right) => (left.commandId < right.commandId ? -1 : 1));
  return (await commands.insertCommands(client, sorted)) === rows.size;
}

/** A repetition of an operation that is known is that one. Nobody else makes an operation of the same id. */
async function recordOperations(
  client: PoolClient,
  requests: readonly CommandRequest[],
  executed: readonly ExecutedCommand[],
): Promise<true> {
  const made = requests.flatMap((request, place) => operationOf(request, executed[place]));
  const callbacks = requests.flatMap(({ callbackUrl: url }, place) => {
    const operationId = executed[place]?.operationId;
    return operationId === undefined || url === undefined ? [] : [{ operationId, url }];
  });
  await Promise.all([
    made.length === 0 ? undefined : insertOperations(client, made),
    ...callbacks.map((callback) => insertCallback(client, callback)),
  ]);
  return true;
}

function operationOf(
  { operationId: id, entity, key, provenance }: CommandRequest,
  executed: ExecutedCommand | undefined,
): NewOperation[] {
  if (id === undefined || executed?.operationId !== id) return [];
  const { outcome, records } = executed;
  const { actor, correlationId } = provenance;
  return [{ id, stream: entity.contract.name, key, actor, correlationId, outcome, records }];
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

function byAddress(left: entities.EntityAddress, right: entities.EntityAddress): number {
  if (left.stream !== right.stream) return left.stream < right.stream ? -1 : 1;
  return left.key < right.key ? -1 : 1;
}
