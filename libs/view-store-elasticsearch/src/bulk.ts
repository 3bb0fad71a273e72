import { setTimeout as wait } from 'node:timers/promises';
import type { Client, estypes } from '@elastic/elasticsearch';
import { attempt, failure, isOverloaded } from './failures.js';

/** What must hold for a document to be written. */
export type Guard =
  /** It stands at this revision of the entity, or an older one, or is not there. */
  | { readonly kind: 'not-newer'; readonly revision: number }
  /** Nobody wrote it since it was read. */
  | { readonly kind: 'unchanged'; readonly since: WriteMark }
  | { readonly kind: 'absent' };

/** Names one write of one document. */
export interface WriteMark {
  readonly seqNo: number;
  readonly primaryTerm: number;
}

export interface GuardedDocument {
  readonly id: string;
  readonly guard: Guard;
  readonly source: object;
  /** `source` is merged into what is there. */
  readonly isPart?: boolean;
  /** How a refusal names it: the entity and key. */
  readonly label: string;
}

/** conflict: its guard did not hold, so it was not written. */
export type WriteOutcome =
  { readonly kind: 'written'; readonly mark: WriteMark } | { readonly kind: 'conflict' };

export interface BulkLimits {
  /** Documents in one request. */
  readonly maxDocuments: number;
  /** Bytes of one request's body, roughly: a single larger document still goes, alone. */
  readonly maxBytes: number;
  /** Requests under way at once, over all generations of one store. */
  readonly inFlight: number;
}

export const defaultLimits: BulkLimits = { maxDocuments: 1_000, maxBytes: 4 << 20, inFlight: 4 };

/** A document with what its place in a bulk body looks like. */
interface PendingWrite {
  readonly position: number;
  readonly label: string;
  readonly lines: readonly [action: string, source: string];
}

/** Writes documents in bulk. Every item's answer is looked at; what the server had no room for is sent again. */
export class BulkWriter {
  private readonly waiting: (() => void)[] = [];
  private underWay = 0;

  constructor(
    private readonly client: Client,
    private readonly limits: BulkLimits = defaultLimits,
  ) {}

  /**
   * Outcomes in the order of `documents`. All requests have ended when this returns or throws.
   * @throws CodedError `document-refused` for the first document that the mappings don't take (all others were tried).
   */
  async write(index: string, documents: readonly GuardedDocument[]): Promise<WriteOutcome[]> {
    const outcomes = new Array<WriteOutcome>(documents.length);
    const requests = chunk(documents.map(pendingWrite), this.limits).map((writes) =>
      this.inTurn(() => this.send(index, writes, outcomes)),
    );
    const ended = await Promise.allSettled(requests);
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
    return outcomes;
  }

  private async send(
    index: string,
    writes: readonly PendingWrite[],
    outcomes: WriteOutcome[],
  ): Promise<void> {
    let left = writes;
    const refused: string[] = [];
    for (const pauseMs of pausesMs) {
      if (pauseMs > 0) await wait(pauseMs);
      const items = await this.request(index, left);
      left = left.filter((write, place) => !settled(write, items[place], { outcomes, refused }));
      if (left.length === 0) break;
    }
    if (refused[0] !== undefined) throw failure('document-refused', refused[0]);
    if (left.length > 0) {
      throw failure('elasticsearch-overloaded', `${left.length} documents for ${index} found no room`);
    }
  }

  private async request(index: string, writes: readonly PendingWrite[]): Promise<BulkItem[]> {
    const operations = writes.flatMap(({ lines }) => lines);
    // `index` is an alias: without require_alias a late write would create an index of that name.
    const request = { index, require_alias: true, operations, filter_path: answered };
    const answer = await attempt(`writing ${writes.length} documents to ${index}`, () =>
      this.client.bulk(request),
    );
    return answer.items.map(({ index: indexed, create, update }) => indexed ?? create ?? update);
  }

  private async inTurn(work: () => Promise<void>): Promise<void> {
    if (this.underWay >= this.limits.inFlight) await new Promise<void>((resume) => this.waiting.push(resume));
    else this.underWay += 1;
    try {
      await work();
    } finally {
      const next = this.waiting.shift();
      // The next one takes over this place, so the count stays.
      if (next) next();
      else this.underWay -= 1;
    }
  }
}

type BulkItem = Pick<estypes.BulkResponseItem, 'status' | 'error' | '_seq_no' | '_primary_term'> | undefined;

const answered = [
  'items.*.status',
  'items.*.error.type',
  'items.*.error.reason',
  'items.*._seq_no',
  'items.*._primary_term',
];

/** Before each try; about 13 seconds in all. */
const pausesMs = [0, 100, 200, 400, 800, 1_600, 3_200, 6_400];

/** False when the write has to be tried again. */
function settled(
  { position, label }: PendingWrite,
  item: BulkItem,
  { outcomes, refused }: { outcomes: WriteOutcome[]; refused: string[] },
): boolean {
  const { status = 0, _seq_no: seqNo, _primary_term: primaryTerm, error } = item ?? {};
  if (isOverloaded(status)) return false;
  if (status === 409) outcomes[position] = { kind: 'conflict' };
  else if (seqNo !== undefined && primaryTerm !== undefined) {
    outcomes[position] = { kind: 'written', mark: { seqNo, primaryTerm } };
  } else if (status === 400) refused.push(`${label}: ${error?.reason ?? 'no reason given'}`);
  else throw itemFailure(label, status, error);
  return true;
}

function itemFailure(
  label: string,
  status: number,
  error: { type: string; reason?: string | null } | undefined,
): Error {
  const what = `${label}: ${status} ${error?.type ?? ''} ${error?.reason ?? 'no reason given'}`;
  if (error?.type === 'index_not_found_exception') return failure('generation-missing', what);
  return failure(status >= 500 ? 'elasticsearch-unavailable' : 'elasticsearch-unexpected', what);
}

function pendingWrite(
  { id, guard, source, isPart = false, label }: GuardedDocument,
  position: number,
): PendingWrite {
  const content = isPart ? { doc: source } : source;
  return { position, label, lines: [JSON.stringify(action(id, guard, isPart)), JSON.stringify(content)] };
}

function action(id: string, guard: Guard, isPart: boolean): object {
  switch (guard.kind) {
    case 'not-newer':
      return { index: { _id: id, version: guard.revision, version_type: 'external_gte' } };
    case 'unchanged': {
      const target = { _id: id, if_seq_no: guard.since.seqNo, if_primary_term: guard.since.primaryTerm };
      return isPart ? { update: target } : { index: target };
    }
    case 'absent':
      return { create: { _id: id } };
  }
}

function chunk(writes: readonly PendingWrite[], { maxDocuments, maxBytes }: BulkLimits): PendingWrite[][] {
  const chunks: PendingWrite[][] = [];
  let bytes = 0;
  for (const write of writes) {
    const size = Buffer.byteLength(write.lines[0]) + Buffer.byteLength(write.lines[1]) + 2;
    const last = chunks.at(-1);
    if (last && last.length < maxDocuments && bytes + size <= maxBytes) {
      last.push(write);
      bytes += size;
    } else {
      chunks.push([write]);
      bytes = size;
    }
  }
  return chunks;
}
