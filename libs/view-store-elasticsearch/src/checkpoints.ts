import type { Client } from '@elastic/elasticsearch';
import { formatPositions, furthest, parsePositions, type Positions } from '@reprise/kernel';
import type { Checkpoint as SharedCheckpoint, Claim } from '@reprise/view-store';
import type { BulkWriter, GuardedDocument, WriteMark } from './bulk.js';
import { property } from './document.js';
import { attempt, failure, refusedWith } from './failures.js';

/** Where one partition stands in the store, though queries may not see all of it yet. */
export type Checkpoint = Omit<SharedCheckpoint, 'partition'> & { readonly epoch: number };

interface Stored<Value> {
  readonly value: Value;
  readonly mark: WriteMark | undefined;
}

/** A document as it was read: nothing of it where there is none. */
interface StoredDocument {
  readonly source?: unknown;
  readonly mark: WriteMark | undefined;
}

export interface CheckpointMove {
  readonly partition: string;
  readonly checkpoint: Checkpoint;
  /** Of the one that it replaces; undefined where there is none. */
  readonly mark: WriteMark | undefined;
}

/** Where a generation stands. */
export interface Standing {
  /** One for each partition of the source. */
  readonly checkpoints: readonly SharedCheckpoint[];
  readonly visible: Stored<Positions>;
}

/** Tries before a write that others keep overtaking is given up. */
const mostTries = 50;
const unclaimed: Checkpoint = { epoch: 0, nextOffset: 0n, references: new Map(), loading: '', loadedTo: 0n };
const visibleId = 'visible';
const partitionPrefix = 'partition:';

/**
 * A generation's checkpoints: one document per source partition, and one that says which positions queries see. Each is
 * changed by compare-and-set only.
 */
export class Checkpoints {
  /** The partitions that have one; whoever opens a generation makes them all. */
  private known: readonly string[] | undefined;

  private readonly client: Client;
  private readonly bulk: BulkWriter;

  constructor(
    { client, bulk }: { readonly client: Client; readonly bulk: BulkWriter },
    private readonly index: string,
  ) {
    this.client = client;
    this.bulk = bulk;
  }

  /** Makes the caller the owner of the partition; whoever was it before is fenced. */
  async claim(partition: string): Promise<Claim> {
    for (let tries = 0; tries < mostTries; tries += 1) {
      const { value, mark } = await this.read(partition);
      const claimed = { ...value, epoch: value.epoch + 1 };
      if (await this.write(partition, claimed, mark)) return { partition, ...claimed };
    }
    throw failure('elasticsearch-contended', `${this.index}: could not claim ${partition}`);
  }

  async read(partition: string): Promise<Stored<Checkpoint>> {
    const { source, mark } = await this.get(partitionPrefix + partition);
    return { value: checkpointIn(source), mark };
  }

  /** In the order of `partitions`. */
  async readAll(partitions: readonly string[]): Promise<Stored<Checkpoint>[]> {
    const found = await this.getAll(partitions.map((partition) => partitionPrefix + partition));
    return found.map(({ source, mark }) => ({ value: checkpointIn(source), mark }));
  }

  /** False when somebody wrote it after `mark`. */
  async write(partition: string, checkpoint: Checkpoint, mark: WriteMark | undefined): Promise<boolean> {
    return (await this.writeAll([{ partition, checkpoint, mark }])).has(partition);
  }

  /** The partitions of those that nobody else wrote after `mark`. */
  async writeAll(moves: readonly CheckpointMove[]): Promise<ReadonlySet<string>> {
    if (moves.some(({ mark }) => mark === undefined)) this.known = undefined;
    const documents = moves.map(({ partition, checkpoint, mark }): GuardedDocument => {
      const guard = mark ? ({ kind: 'unchanged', since: mark } as const) : ({ kind: 'absent' } as const);
      const id = partitionPrefix + partition;
      return { id, guard, source: documentOf(checkpoint), label: `checkpoint of ${partition}` };
    });
    const outcomes = await this.bulk.write(this.index, documents);
    const written = moves.filter((_, place) => outcomes[place]?.kind === 'written');
    return new Set(written.map(({ partition }) => partition));
  }

  /** Makes a checkpoint for each of these partitions; leaves those that are there. */
  async create(partitions: readonly string[], loading: string): Promise<void> {
    for (const partition of partitions) await this.write(partition, { ...unclaimed, loading }, undefined);
  }

  /** What is applied of every partition and of the streams that the view joins, and what queries see of it. */
  async standing(): Promise<Standing> {
    const known = await this.partitions();
    const [visible, ...found] = await this.getAll([visibleId, ...known.map((id) => partitionPrefix + id)]);
    const checkpoints = known.map((partition, place) => ({
      partition,
      ...checkpointIn(found[place]?.source),
    }));
    return { checkpoints, visible: visibleIn(visible) };
  }

  /** The source's partitions that have a checkpoint. */
  async partitions(): Promise<readonly string[]> {
    const known = this.known ?? (await this.find());
    if (known.length > 0) this.known = known;
    return known;
  }

  async visible(): Promise<Positions> {
    return visibleIn(await this.get(visibleId)).value;
  }

  /** Adds what queries see now to what they saw, and returns all that they see. Positions only ever go forward. */
  async show(positions: Positions, before: Stored<Positions>): Promise<Positions> {
    let known = before;
    for (let tries = 0; tries < mostTries; tries += 1) {
      const seen = furthest(known.value, positions);
      const offsets = Object.fromEntries([...seen].map(([id, offset]) => [id, String(offset)]));
      if (await this.put(visibleId, { offsets }, known.mark)) return seen;
      known = visibleIn(await this.get(visibleId));
    }
    throw failure('elasticsearch-contended', `${this.index}: could not store what is visible`);
  }

  /** Which there are. To look for them takes a refresh, to read them by their names does not. */
  private find(): Promise<readonly string[]> {
    return attempt(`reading the checkpoints of ${this.index}`, async () => {
      await this.client.indices.refresh({ index: this.index });
      const { hits } = await this.client.search({ index: this.index, size: 10_000, _source: false });
      return hits.hits.flatMap(({ _id = '' }) =>
        _id.startsWith(partitionPrefix) ? [_id.slice(partitionPrefix.length)] : [],
      );
    });
  }

  private async get(id: string): Promise<StoredDocument> {
    const [found] = await this.getAll([id]);
    if (found) return found;
    throw failure('elasticsearch-unavailable', `no answer about ${id} of ${this.index}`);
  }

  /** In one request, also before a refresh. */
  private getAll(ids: readonly string[]): Promise<StoredDocument[]> {
    return attempt(`reading ${ids.join(', ')} of ${this.index}`, async () => {
      const { docs } = await this.client.mget({ index: this.index, ids: [...ids] });
      return docs.map((found) => {
        if ('error' in found && found.error.type === 'index_not_found_exception')
          throw failure('generation-missing', this.index);
        if (!('found' in found))
          throw failure('elasticsearch-unavailable', `no answer about ${found._id} of ${this.index}`);
        const { _source: source, _seq_no: seqNo, _primary_term: primaryTerm } = found;
        if (seqNo === undefined || primaryTerm === undefined) return { mark: undefined };
        return { source, mark: { seqNo, primaryTerm } };
      });
    });
  }

  private async put(id: string, document: object, mark: WriteMark | undefined): Promise<boolean> {
    const guard = mark
      ? { if_seq_no: mark.seqNo, if_primary_term: mark.primaryTerm }
      : { op_type: 'create' as const };
    try {
      await attempt(`writing ${id} of ${this.index}`, () =>
        this.client.index({ index: this.index, id, document, require_alias: true, ...guard }),
      );
      return true;
    } catch (thrown) {
      if (refusedWith(thrown) === 409) return false;
      throw thrown;
    }
  }
}

function documentOf({ epoch, nextOffset, references, loading, loadedTo }: Checkpoint): object {
  return {
    epoch,
    nextOffset: String(nextOffset),
    references: formatPositions(references),
    ...(loading !== '' && { loading }),
    ...(loadedTo > 0n && { loadedTo: String(loadedTo) }),
  };
}

function visibleIn(document: StoredDocument | undefined): Stored<Positions> {
  const offsets = property(document?.source, 'offsets') ?? {};
  const value = new Map(Object.entries(offsets).map(([id, offset]) => [id, parseOffset(offset)]));
  return { value, mark: document?.mark };
}

function checkpointIn(source: unknown): Checkpoint {
  return source === undefined ? unclaimed : parseCheckpoint(source);
}

function parseCheckpoint(stored: unknown): Checkpoint {
  const epoch = property(stored, 'epoch');
  if (typeof epoch !== 'number')
    throw failure('elasticsearch-unexpected', `not a checkpoint: ${JSON.stringify(stored)}`);
  const references = property(stored, 'references');
  const loading = property(stored, 'loading');
  return {
    epoch,
    nextOffset: parseOffset(property(stored, 'nextOffset')),
    references: parsePositions(typeof references === 'string' ? references : ''),
    loading: typeof loading === 'string' ? loading : '',
    loadedTo: parseOffset(property(stored, 'loadedTo') ?? '0'),
  };
}

function parseOffset(stored: unknown): bigint {
  if (typeof stored === 'string' && /^\d{1,19}$/.test(stored)) return BigInt(stored);
  throw failure('elasticsearch-unexpected', `not an offset: ${JSON.stringify(stored)}`);
}
