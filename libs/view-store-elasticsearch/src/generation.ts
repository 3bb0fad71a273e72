import type { Client, estypes } from '@elastic/elasticsearch';
import { furthest, type Positions } from '@reprise/kernel';
import type { Contributed } from '@reprise/view';
import type {
  ApplyOutcome,
  Claim,
  DependentsQuery,
  GenerationScan,
  GenerationStore,
  ScannedItem,
  LoadBatch,
  StoredItem,
  ViewBatch,
} from '@reprise/view-store';
import { checkpointAfter, loadToBegin, partitionsLoading, shownPositions } from '@reprise/view-store';
import type { BulkWriter, Guard, GuardedDocument } from './bulk.js';
import { Checkpoints, type Checkpoint } from './checkpoints.js';
import { newestMarks, storedDependents, storedRows } from './contents.js';
import {
  entityWrites,
  firstIntent,
  ledgerId,
  loadMark,
  markOf,
  rowId,
  type EntityWrites,
  type Intent,
} from './document.js';
import { attempt, failure, isAlreadyThere } from './failures.js';
import {
  checkpointsIndexBody,
  namesOf,
  offsetFields,
  rowsIndexBody,
  type ElasticsearchLayout,
  type GenerationNames,
} from './layout.js';
import { guardOf, LedgerReader } from './ledger.js';

export interface GenerationParts<Row> {
  readonly client: Client;
  readonly bulk: BulkWriter;
  readonly layout: ElasticsearchLayout<Row>;
}

/**
 * One generation in Elasticsearch, which has no transaction over several documents. So `apply` writes in an order that
 * leaves, wherever it breaks off, a state from which applying the batch again gets to the same end:
 *
 *     claim is checked ─▶ intents ─▶ rows with documents of their own ─▶ ledger documents ─▶ checkpoint
 *
 * - The ledger lists a row before the row is written, and until after it is removed: no row is ever unknown to it.
 * - A ledger document is written only over the one that the batch was planned from; a row of its own only after the
 *   intent was, and over an older or equal revision of the entity (which counts its batches). So the late writes of an
 *   owner that lost its partition change nothing.
 * - The checkpoint is written by compare-and-set on what the check of the claim read: last, so nothing is skipped.
 *
 * Queries see a write only after a refresh. `settle` notes what is applied, refreshes, and then stores the noted
 * positions as visible.
 */
export class ElasticsearchGeneration<Row> implements GenerationStore<Row> {
  private readonly names: GenerationNames;
  private readonly checkpoints: Checkpoints;
  private readonly ledger: LedgerReader;
  /** True when something may have been applied that queries don't see; at first, by whoever ran before us. */
  private isUnsettled = true;
  /** Who never claimed a partition is not told what others apply. */
  private hasClaimed = false;

  constructor(
    private readonly name: string,
    private readonly parts: GenerationParts<Row>,
  ) {
    this.names = namesOf(name);
    this.checkpoints = new Checkpoints(parts, this.names.checkpoints);
    this.ledger = new LedgerReader(parts.client, this.names.rows);
  }

  async open(partitions: readonly string[], { load } = { load: false }): Promise<void> {
    await this.create(rowsIndexBody(this.name, this.parts.layout, partitions));
    await this.addOffsets(partitions);
    await this.create(checkpointsIndexBody(this.name));
    await this.checkpoints.create(partitions, load ? loadToBegin : '');
  }

  async claim(partition: string): Promise<Claim> {
    const claim = await this.checkpoints.claim(partition);
    this.hasClaimed = true;
    this.isUnsettled = true;
    return claim;
  }

  contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    return this.ledger.contributed(entities);
  }

  async *dependents(query: DependentsQuery): AsyncIterable<readonly string[]> {
    if (query.references.length === 0) return;
    await this.refresh();
    yield* storedDependents(this.parts.client, this.names.rows, query);
  }

  async apply(batch: ViewBatch<Row>): Promise<ApplyOutcome> {
    const [outcome] = await this.applyTogether([batch]);
    return outcome ?? 'fenced';
  }

  /** Documents are written over exactly those that were read. */
  applyUnread(): Promise<'read-first'> {
    return Promise.resolve('read-first');
  }

  /** Every step is one request for all batches that got so far. */
  async applyTogether(batches: readonly ViewBatch<Row>[]): Promise<ApplyOutcome[]> {
    if (batches.length === 0) return [];
    const stored = await this.checkpoints.readAll(batches.map(({ claim }) => claim.partition));
    const claimed = batches.filter(({ claim }, place) => isAt(claim, stored[place]?.value));
    const written = await this.write(claimed);
    const marks = new Map(batches.map(({ claim }, place) => [claim.partition, stored[place]?.mark]));
    const moves = [...written].map((batch) => ({
      partition: batch.claim.partition,
      checkpoint: { epoch: batch.claim.epoch, ...checkpointAfter(batch) },
      mark: marks.get(batch.claim.partition),
    }));
    const moved = await this.checkpoints.writeAll(moves);
    this.isUnsettled = true;
    return batches.map(({ claim }) => (moved.has(claim.partition) ? 'applied' : 'fenced'));
  }

  /**
   * Documents are created, never written over: where one stands already (of a load that broke off, or by an owner that
   * lost its partition) the entity is applied like any other.
   */
  async load(batch: LoadBatch<Row>): Promise<ApplyOutcome> {
    const { claim, nextOffset, references, loading, loadedTo } = batch;
    const { value, mark } = await this.checkpoints.read(claim.partition);
    if (!isAt(claim, value)) return 'fenced';
    if (claim.loading === loadToBegin || loadedTo !== claim.loadedTo)
      await this.parts.bulk.write(this.names.rows, [loadMark(claim.partition, loadedTo)]);
    const there = await this.createAll(batch);
    if (there.size > 0) {
      const before = await this.ledger.contributed([...there]);
      if ((await this.write([part(batch, there, before)])).size === 0) return 'fenced';
    }
    const next = { epoch: claim.epoch, nextOffset, references, loading, loadedTo };
    const isOurs = await this.checkpoints.write(claim.partition, next, mark);
    this.isUnsettled = true;
    return isOurs ? 'applied' : 'fenced';
  }

  async finishLoad(): Promise<readonly string[]> {
    return partitionsLoading((await this.checkpoints.standing()).checkpoints);
  }

  async settle(): Promise<Positions> {
    if (!this.isUnsettled) return this.positions();
    this.isUnsettled = !this.hasClaimed;
    try {
      const { checkpoints, visible } = await this.checkpoints.standing();
      const applied = shownPositions(checkpoints);
      await this.refresh();
      // Who only reads knows it now; what others may rely on is for those to note who feed.
      return this.hasClaimed ? await this.checkpoints.show(applied, visible) : applied;
    } catch (thrown) {
      this.isUnsettled = true;
      throw thrown;
    }
  }

  positions(): Promise<Positions> {
    return this.checkpoints.visible();
  }

  /**
   * A refresh shows what was written before the checkpoint moved: how far that is, the documents themselves tell. Copies of a
   * shard are refreshed one after another: only once all are does any of them tell what another has shown. Where the load of a
   * partition has left no mark (there was none, or nothing shows it yet) documents tell nothing of what it brought, and
   * checkpoints do.
   */
  async mayShow(): Promise<Positions> {
    const sources = await this.checkpoints.partitions();
    if (this.replicas > 0) await this.refresh();
    const { written, loaded } = await newestMarks(this.parts.client, this.names.rows, sources);
    const told = furthest(written, loaded);
    if (sources.every((id) => loaded.has(id))) return told;
    const { checkpoints, visible } = await this.checkpoints.standing();
    const settled = new Map(sources.map((id) => [id, visible.value.get(id) ?? 0n]));
    const ends = new Map(checkpoints.map(({ partition, loadedTo }) => [partition, loadedTo]));
    return furthest(furthest(told, settled), ends);
  }

  /** Makes the replicas. They are filled in the background; the generation may be read and written meanwhile. */
  async seal(): Promise<void> {
    const { rowsIndex, checkpointsIndex } = this.names;
    const settings = { number_of_replicas: this.replicas };
    await attempt(`sealing ${this.name}`, () =>
      this.parts.client.indices.putSettings({ index: [rowsIndex, checkpointsIndex], settings }),
    );
  }

  async scan<Result>(work: (scan: GenerationScan) => Promise<Result>): Promise<Result> {
    await this.refresh();
    return work({ exact: undefined, pages: this.pages() });
  }

  rowText(row: Row): string {
    return JSON.stringify(row);
  }

  async *contents(): AsyncIterable<StoredItem<Row>> {
    await this.refresh();
    for await (const page of storedRows(this.parts.client, this.names.rows))
      for (const { entity, key, row } of page)
        yield { kind: 'row', entity, key, row: this.parts.layout.parseRow(row) };
  }

  async drop(): Promise<void> {
    const { rowsIndex, checkpointsIndex } = this.names;
    await attempt(`dropping ${this.name}`, () =>
      this.parts.client.indices.delete({ index: [rowsIndex, checkpointsIndex], ignore_unavailable: true }),
    );
  }

  private async *pages(): AsyncIterable<readonly ScannedItem[]> {
    for await (const page of storedRows(this.parts.client, this.names.rows))
      yield page.map(({ entity, key, row }) => ({ kind: 'row', entity, key, text: JSON.stringify(row) }));
  }

  /** Entities of which something was there already, or that have rows besides their own. */
  private async createAll(batch: LoadBatch<Row>): Promise<ReadonlySet<string>> {
    const [plain, others] = partition(entityWrites(batch, () => 0));
    const documents = plain.map(({ entity, ledger }) => ledgerWrite(entity, ledger, { kind: 'absent' }));
    const outcomes = await this.parts.bulk.write(this.names.rows, documents);
    const conflicts = plain.filter((_, place) => outcomes[place]?.kind === 'conflict');
    return new Set([...others, ...conflicts].map(({ entity }) => entity));
  }

  /**
   * Writes all but the checkpoints. Of the batches it returns those that it wrote: another owner wrote one of the entities of
   * each of the others after that was planned.
   */
  private async write<Batch extends ViewBatch<Row>>(batches: readonly Batch[]): Promise<ReadonlySet<Batch>> {
    const readings = await this.ledger.take(batches.flatMap(({ contributed }) => [...contributed.keys()]));
    const guards = new Map([...readings].map(([entity, reading]) => [entity, guardOf(reading)]));
    const planned = batches.map((batch) => {
      const upTo = markOf(batch.claim.partition, batch.nextOffset);
      const writes = entityWrites({ ...batch, upTo }, (entity) => readings.get(entity)?.ledger.revision ?? 0);
      const isCurrent = ({ entity, version }: EntityWrites): boolean =>
        (readings.get(entity)?.ledger.version ?? 0) <= version;
      return { batch, writes: writes.filter(isCurrent) };
    });
    const announced = await this.writeLedgers(planned, guards, ({ intent }, guard) =>
      intent ? [intentWrite(intent, guard)] : [],
    );
    // A conflict here is a row that a later batch wrote.
    const rows = announced.flatMap(({ writes }) => writes.flatMap(rowWrites));
    await this.parts.bulk.write(this.names.rows, rows);
    const written = await this.writeLedgers(announced, guards, ({ entity, ledger }, guard) => [
      ledgerWrite(entity, ledger, guard),
    ]);
    return new Set(written.map(({ batch }) => batch));
  }

  /** Those of which nothing had been written by others. Leaves in `guards` what a second write of the same documents asks for. */
  private async writeLedgers<Planned extends { readonly writes: readonly EntityWrites[] }>(
    planned: readonly Planned[],
    guards: Map<string, Guard>,
    ledgersOf: (writes: EntityWrites, guard: Guard) => readonly LedgerWrite[],
  ): Promise<readonly Planned[]> {
    const ledgers = planned.flatMap((of) =>
      of.writes
        .flatMap((writes) => ledgersOf(writes, guardIn(guards, writes.entity)))
        .map((document) => ({ of, document })),
    );
    const documents = ledgers.map(({ document }) => document);
    const outcomes = await this.parts.bulk.write(this.names.rows, documents);
    const fenced = new Set<Planned>();
    ledgers.forEach(({ of, document }, place) => {
      const outcome = outcomes[place];
      if (outcome?.kind === 'written')
        guards.set(document.entity, { kind: 'unchanged', since: outcome.mark });
      else fenced.add(of);
    });
    return planned.filter((of) => !fenced.has(of));
  }

  private get replicas(): number {
    return this.parts.layout.replicas ?? 0;
  }

  /** All copies that are there. */
  private async refresh(): Promise<void> {
    const doing = `refreshing ${this.name}`;
    const { _shards: copies } = await attempt(doing, () =>
      this.parts.client.indices.refresh({ index: this.names.rows }),
    );
    if (copies && copies.failed > 0)
      throw failure(
        'elasticsearch-unavailable',
        `${doing}: ${copies.failed} of ${copies.total} copies failed`,
      );
  }

  /** To an index of the time before documents said what wrote them. */
  private async addOffsets(partitions: readonly string[]): Promise<void> {
    const properties = offsetFields(partitions);
    await attempt(`mapping ${this.name}`, () =>
      this.parts.client.indices.putMapping({ index: this.names.rows, properties }),
    );
  }

  private async create(body: estypes.IndicesCreateRequest): Promise<void> {
    const { client } = this.parts;
    await attempt(`creating ${body.index}`, async () => {
      if (await client.indices.exists({ index: body.index })) return;
      try {
        await client.indices.create({ ...body, wait_for_active_shards: 1 });
      } catch (thrown) {
        // Another process created it between the question and the request.
        if (!isAlreadyThere(thrown)) throw thrown;
      }
    });
  }
}

/** True when the claim is the newest and the checkpoint stands where it expects it. */
function isAt({ epoch, nextOffset, loading }: Claim, stored: Checkpoint | undefined): boolean {
  return stored?.epoch === epoch && stored.nextOffset === nextOffset && stored.loading === loading;
}

/** Those whose ledger document says all, and the others. */
function partition(writes: readonly EntityWrites[]): [EntityWrites[], EntityWrites[]] {
  const plain = writes.filter(({ rows }) => rows.length === 0);
  return [plain, writes.filter(({ rows }) => rows.length > 0)];
}

/** What a batch says of some of its entities, given what is there of them. */
function part<Row>(
  batch: LoadBatch<Row>,
  entities: ReadonlySet<string>,
  before: ReadonlyMap<string, Contributed>,
): ViewBatch<Row> {
  const contributed = new Map([...batch.contributed].filter(([entity]) => entities.has(entity)));
  const puts = batch.changes.filter((change) => change.kind !== 'add' && entities.has(change.entity));
  const removals = [...contributed].flatMap(([entity, { version, rows }]) =>
    (before.get(entity)?.rows ?? [])
      .filter((key) => !rows.includes(key))
      .map((key) => ({ kind: 'remove', entity, version, key }) as const),
  );
  return { ...batch, contributed, changes: [...removals, ...puts] };
}

/** A write of the ledger document of an entity. */
interface LedgerWrite extends GuardedDocument {
  readonly entity: string;
}

function guardIn(guards: ReadonlyMap<string, Guard>, entity: string): Guard {
  return guards.get(entity) ?? { kind: 'absent' };
}

function ledgerWrite(entity: string, source: object, guard: Guard): LedgerWrite {
  return { entity, id: ledgerId(entity), guard, source, label: `entity ${entity}` };
}

function intentWrite(intent: Intent, guard: Guard): LedgerWrite {
  const { entity, ledger } = intent;
  if (guard.kind === 'absent') return ledgerWrite(entity, firstIntent(intent), guard);
  return { ...ledgerWrite(entity, { ledger }, guard), isPart: true };
}

function rowWrites({ revision, rows }: EntityWrites): GuardedDocument[] {
  return rows.map((source) => {
    const { entity, key = '' } = source;
    const label = `row ${key} of entity ${entity}`;
    return { id: rowId(entity, key), guard: { kind: 'not-newer', revision }, source, label };
  });
}
