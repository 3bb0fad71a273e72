import type { Envelope } from '@reprise/contracts';
import { isRefusal, type DomainEvent } from '@reprise/decider';
import type { CommandOutcome, CommandRequest, EntityType } from './entity.js';
import { ClaimBook, claimId, claimsOf, type Claim, type ClaimedValue, type Holders } from './claim-book.js';
import { fingerprintOf } from './fingerprint.js';
import type { EntityRow } from './sql/entities.js';
import { holds } from './version-condition.js';

/** A fact to be appended, with the request that caused it. */
export interface RecordedEvent {
  readonly request: CommandRequest;
  readonly envelope: Envelope<unknown>;
}

export interface BatchDecisions {
  readonly outcomes: readonly CommandOutcome[];
  readonly events: readonly RecordedEvent[];
  /** The entities that changed, as they are afterwards. */
  readonly changed: readonly EntityRow[];
  /** Values that entities no longer have, and those that they have now. */
  readonly released: readonly Claim[];
  readonly claimed: readonly Claim[];
  /** Values of which it has to be known who holds them: the decisions stand only when there are none. */
  readonly unknown: readonly ClaimedValue[];
}

/** What is known before a batch. */
export interface BatchBasis {
  readonly entities: readonly EntityRow[];
  readonly repeats: ReadonlyMap<string, EarlierAnswer>;
  readonly holders: Holders;
}

/** How a command id was answered. */
export interface EarlierAnswer {
  readonly outcome: CommandOutcome;
  /** Of what was asked; undefined when it was not kept. */
  readonly fingerprint: string | undefined;
}

interface Standing {
  version: number;
  /** Null when it does not exist. */
  state: unknown;
  changed: boolean;
  /** What it held before the batch, and what it holds now; undefined as long as no command met it. */
  claims?: { readonly before: readonly Claim[]; now: readonly Claim[] };
}

/** Where decisions leave what they do. */
interface Desk {
  readonly nowMs: number;
  readonly book: ClaimBook;
  readonly record: (envelope: Envelope<unknown>) => void;
}

/**
 * Decides commands one after another, each on the state that the ones before left. Pure: what it returns is all that it
 * does. `repeats` holds the first answers of command ids executed before; an id that comes twice in one batch is
 * executed once as well, and refused for something else.
 */
export function decideBatch(
  requests: readonly CommandRequest[],
  before: BatchBasis,
  nowMs: number,
): BatchDecisions {
  const standings = new Map<string, Standing>();
  for (const { stream, key, version, state } of before.entities) {
    standings.set(addressId(stream, key), { version, state, changed: false });
  }
  const answered = new Map(before.repeats);
  const events: RecordedEvent[] = [];
  const book = new ClaimBook(before.holders);
  const outcomes = requests.map((request): CommandOutcome => {
    const { commandId } = request;
    const earlier = commandId === undefined ? undefined : answered.get(commandId);
    if (earlier) return repeat(request, earlier);
    const outcome = decideOne(request, standingOf(standings, request), {
      ...{ nowMs, book },
      record: (envelope) => events.push({ request, envelope }),
    });
    if (commandId !== undefined) answered.set(commandId, { outcome, fingerprint: fingerprintOf(request) });
    return outcome;
  });
  const claims = changedClaims([...standings.values()]);
  return {
    outcomes,
    events,
    changed: changedEntities(standings),
    ...claims,
    unknown: [...book.unknown.values()],
  };
}

/** The first answer, when the same is asked again. */
function repeat(request: CommandRequest, { outcome, fingerprint }: EarlierAnswer): CommandOutcome {
  const isSame =
    fingerprint === undefined ? outcome.key === request.key : fingerprint === fingerprintOf(request);
  if (!isSame || outcome.kind === 'reused') return { kind: 'reused', key: request.key, repeated: false };
  return { ...outcome, repeated: true };
}

function decideOne(
  { entity, key, command, condition }: CommandRequest,
  standing: Standing,
  { nowMs, book, record }: Desk,
): CommandOutcome {
  const present = standing.state === null ? undefined : standing.version;
  if (condition && !holds(condition, present))
    return { kind: 'mismatched', key, version: present, repeated: false };
  const decision = entity.decide(standing.state ?? undefined, command);
  if (isRefusal(decision)) return { kind: 'refused', key, refusal: decision, repeated: false };
  if (decision.length === 0) return { kind: 'unchanged', key, version: standing.version, repeated: false };
  const next = { ...standing };
  const facts = decision.map((event) => evolveOne(entity, next, event));
  const claims = (standing.claims ??= claimsAt(entity, key, standing.state));
  const claimed = claimsOf(entity, key, next.state);
  const refusal = book.move(claims.now, claimed);
  if (refusal) return { kind: 'refused', key, refusal, repeated: false };
  claims.now = claimed;
  Object.assign(standing, next, { claims });
  for (const fact of facts) record({ ...fact, occurredAt: nowMs });
  const events = decision.map(({ event }) => event);
  const created = present === undefined;
  return { kind: 'accepted', key, version: standing.version, events, created, repeated: false };
}

function claimsAt(entity: EntityType<unknown>, key: string, state: unknown): Required<Standing>['claims'] {
  const claims = claimsOf(entity, key, state);
  return { before: claims, now: claims };
}

function changedClaims(standings: readonly Standing[]): Pick<BatchDecisions, 'released' | 'claimed'> {
  const without = (claims: readonly Claim[], others: readonly Claim[]): readonly Claim[] =>
    claims.filter((claim) => !others.some((other) => claimId(other) === claimId(claim)));
  return {
    released: standings.flatMap(({ claims }) => (claims ? without(claims.before, claims.now) : [])),
    claimed: standings.flatMap(({ claims }) => (claims ? without(claims.now, claims.before) : [])),
  };
}

function evolveOne(
  entity: EntityType<unknown>,
  standing: Standing,
  event: DomainEvent,
): Omit<Envelope<unknown>, 'occurredAt'> {
  const state = entity.evolve(standing.state ?? undefined, event);
  const deleted = entity.isDeletion(event);
  const envelope = {
    event: event.event,
    version: standing.version + 1,
    changed: changedFields(standing.state, state),
    deleted,
    state,
  };
  standing.version += 1;
  standing.state = deleted ? null : state;
  standing.changed = true;
  return envelope;
}

function standingOf(standings: Map<string, Standing>, { entity, key }: CommandRequest): Standing {
  const id = addressId(entity.contract.name, key);
  const known = standings.get(id);
  if (known) return known;
  const fresh = { version: 0, state: null, changed: false };
  standings.set(id, fresh);
  return fresh;
}

function changedEntities(standings: ReadonlyMap<string, Standing>): EntityRow[] {
  const rows: EntityRow[] = [];
  for (const [id, { version, state, changed }] of standings) {
    const separator = id.indexOf('/');
    if (changed) rows.push({ stream: id.slice(0, separator), key: id.slice(separator + 1), version, state });
  }
  return rows;
}

/** Names of the fields whose values differ. States are flat records, as Avro has them; nested values are compared as JSON. */
function changedFields(before: unknown, after: unknown): string[] {
  const old = new Map(Object.entries(before ?? {}));
  return Object.entries(after ?? {})
    .filter(([field, value]) => !sameValue(old.get(field) ?? null, value ?? null))
    .map(([field]) => field);
}

function sameValue(left: unknown, right: unknown): boolean {
  return left === right || (typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right));
}

/** Stream names have no `/`. */
export function addressId(stream: string, key: string): string {
  return `${stream}/${key}`;
}
