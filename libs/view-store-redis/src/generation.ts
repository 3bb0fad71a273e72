import type { Positions } from '@reprise/kernel';
import type { Contributed } from '@reprise/view';
import {
  boundPositions,
  checkpointAfter,
  loadToBegin,
  partitionsLoading,
  shownPositions,
  type Checkpoint,
  type ApplyOutcome,
  type Claim,
  type DependentsQuery,
  type GenerationScan,
  type GenerationStore,
  type LoadBatch,
  type StoredItem,
  type ViewBatch,
} from '@reprise/view-store';
import { applyArguments, putArguments } from './apply.js';
import type { RedisConnection } from './connection.js';
import { RedisContents } from './contents.js';
import { reaching, storeError } from './errors.js';
import { keysOf, parseRowId, referenceSet, rowId, type RedisLayout } from './layout.js';
import { loadArguments, partsOf, without, type LoadPart } from './load.js';
import { checkpointText, parseCheckpoint, parseTold } from './ledger.js';

const scanCount = 1_000;

/**
 * One generation: five kinds of keys in one slot. A batch is one script. Should the server lose acknowledged writes
 * (a failover, a crash before its file was synced), rows and checkpoint are lost together, and the claim that follows
 * goes on from the older checkpoint.
 */
export class RedisGeneration<Row> implements GenerationStore<Row> {
  private readonly keys: ReturnType<typeof keysOf>;
  private readonly held: RedisContents<Row>;

  constructor(
    private readonly connection: RedisConnection,
    name: string,
    private readonly layout: RedisLayout<Row>,
  ) {
    this.keys = keysOf(name);
    this.held = new RedisContents(connection, this.keys, layout);
  }

  /** All other keys come with their first write. */
  async open(partitions: readonly string[], { load } = { load: false }): Promise<void> {
    const loading = load ? loadToBegin : '';
    const unclaimed = checkpointText(0, { nextOffset: 0n, references: new Map(), loading, loadedTo: 0n });
    for (const partition of partitions)
      await reaching(() => this.connection.client.hsetnx(this.keys.checkpoints, partition, unclaimed));
  }

  async claim(partition: string): Promise<Claim> {
    const stored = await reaching(() =>
      this.connection.call('repriseClaim', [this.keys.checkpoints, partition]),
    );
    return parseCheckpoint(partition, String(stored));
  }

  async contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    if (entities.length === 0) return new Map();
    const names = entities.flatMap((entity) => [entity, rowId(entity, entity)]);
    const args = [this.keys.entities, this.keys.rows, ...names];
    const answer = await reaching(() => this.connection.call('repriseLedger', args));
    const told: readonly unknown[] = Array.isArray(answer) ? answer : [];
    return new Map(
      entities.flatMap((entity, place) => {
        const stored = told[place];
        return typeof stored === 'string' ? [[entity, parseTold(entity, stored)] as const] : [];
      }),
    );
  }

  async *dependents({ partition, references }: DependentsQuery): AsyncIterable<readonly string[]> {
    for (const reference of references) {
      const set = this.keys.referencePrefix + referenceSet(partition, reference);
      let cursor = '0';
      do {
        const [next, page] = await reaching(() =>
          this.connection.client.sscan(set, cursor, 'COUNT', scanCount),
        );
        cursor = next;
        if (page.length > 0) yield page;
      } while (cursor !== '0');
    }
  }

  async apply(batch: ViewBatch<Row>): Promise<ApplyOutcome> {
    const { checkpoints, rows, entities, indexPrefix, referencePrefix } = this.keys;
    const { partition, epoch } = batch.claim;
    const [from, to] = [checkpointText(epoch, batch.claim), checkpointText(epoch, checkpointAfter(batch))];
    const keys = [checkpoints, rows, entities, indexPrefix, referencePrefix];
    const args = [...keys, partition, from, to, ...applyArguments(batch, this.layout)];
    return (await reaching(() => this.connection.call('repriseApply', args))) === 1 ? 'applied' : 'fenced';
  }

  async applyUnread(batch: ViewBatch<Row>): Promise<ApplyOutcome | 'read-first'> {
    const puts = putArguments(batch, this.layout);
    if (!puts) return 'read-first';
    const { checkpoints, rows, entities, indexPrefix } = this.keys;
    const { partition, epoch } = batch.claim;
    const [from, to] = [checkpointText(epoch, batch.claim), checkpointText(epoch, checkpointAfter(batch))];
    const args = [checkpoints, rows, entities, indexPrefix, partition, from, to, ...puts];
    const answer = await reaching(() => this.connection.call('reprisePut', args));
    if (answer === 2) return 'read-first';
    return answer === 1 ? 'applied' : 'fenced';
  }

  /** A script each, sent without waiting: the server runs them one by one anyway. */
  applyTogether(batches: readonly ViewBatch<Row>[]): Promise<ApplyOutcome[]> {
    return Promise.all(batches.map((batch) => this.apply(batch)));
  }

  /** In several scripts, so that readers never wait long; the last one takes the progress down. */
  async load(batch: LoadBatch<Row>): Promise<ApplyOutcome> {
    const { epoch } = batch.claim;
    const from = checkpointText(epoch, batch.claim);
    for (const [part, isLast] of partsOf(batch)) {
      const to = isLast ? checkpointText(epoch, batch) : from;
      if ((await this.loadPart(part, from, to)) === 'fenced') return 'fenced';
    }
    return 'applied';
  }

  async finishLoad(): Promise<readonly string[]> {
    return partitionsLoading(await this.readCheckpoints());
  }

  settle(): Promise<Positions> {
    return this.positions();
  }

  async positions(): Promise<Positions> {
    return shownPositions(await this.readCheckpoints());
  }

  async mayShow(): Promise<Positions> {
    return boundPositions(await this.readCheckpoints());
  }

  /** There is nothing that only readers need: the indexes are kept with every batch. */
  seal(): Promise<void> {
    return Promise.resolve();
  }

  /** A scan may meet a row twice while the hash is resized. */
  scan<Result>(work: (scan: GenerationScan) => Promise<Result>): Promise<Result> {
    return work({ exact: undefined, pages: this.held.pages() });
  }

  rectify(): Promise<void> {
    return this.held.rectify();
  }

  rowText(row: Row): string {
    return JSON.stringify(row);
  }

  async *contents(): AsyncIterable<StoredItem<Row>> {
    const seen = new Set<string>();
    for await (const page of this.held.rows())
      for (const { id, row } of page) {
        if (seen.has(id)) continue;
        seen.add(id);
        yield { kind: 'row', ...parseRowId(id), row: this.layout.parseRow(row) };
      }
  }

  async drop(): Promise<void> {
    let cursor = '0';
    do {
      const [next, keys] = await reaching(() =>
        this.connection.client.scan(cursor, 'MATCH', this.keys.pattern, 'COUNT', scanCount),
      );
      cursor = next;
      if (keys.length > 0) await reaching(() => this.connection.client.unlink(...keys));
    } while (cursor !== '0');
  }

  /** What is there of it, a load that broke off has written: references that changed since reach it like everything else. */
  private async loadPart(part: LoadPart<Row>, from: string, to: string): Promise<ApplyOutcome> {
    const { checkpoints, rows, entities, indexPrefix, referencePrefix } = this.keys;
    const keys = [checkpoints, rows, entities, indexPrefix, referencePrefix];
    const args = [...keys, part.partition, from, to, ...loadArguments(part, this.layout)];
    const answer = await reaching(() => this.connection.call('repriseLoad', args));
    if (Array.isArray(answer)) return this.loadPart(without(part, loadedEntities(answer)), from, to);
    return answer === 1 ? 'applied' : 'fenced';
  }

  private async readCheckpoints(): Promise<Checkpoint[]> {
    const stored = await reaching(() => this.connection.client.hgetall(this.keys.checkpoints));
    const checkpoints = Object.entries(stored);
    if (checkpoints.length === 0) throw storeError('generation-missing', 'the generation has no checkpoints');
    return checkpoints.map(([partition, text]) => parseCheckpoint(partition, text));
  }
}

/** What the script names as there already: entities of the ledger, and ids of rows. */
function loadedEntities([entities, rows]: readonly unknown[]): Set<string> {
  const ids = Array.isArray(rows) ? rows.map(String) : [];
  const names = Array.isArray(entities) ? entities.map(String) : [];
  return new Set([...names, ...ids.map((id) => parseRowId(id).entity)]);
}
