import type { Positions } from '@reprise/kernel';
import type { Contributed, GroupKey } from '@reprise/view';
import {
  boundPositions,
  checkpointAfter,
  loadToBegin,
  partitionsLoading,
  shownPositions,
  sourcePositions,
  type ApplyOutcome,
  type Claim,
  type DependentsQuery,
  type GenerationScan,
  type GenerationStore,
  type LoadBatch,
  type StoredItem,
  type ViewBatch,
} from '@reprise/view-store';
import type { Pool, PoolClient } from 'pg';
import { BatchWriter, groupsUndeclared, writesOf, type BatchWrites } from './batch-writer.js';
import * as checkpointSql from './checkpoint-statements.js';
import { readValues, scanPages } from './contents.js';
import { isAlreadyThere, reaching } from './errors.js';
import * as groupSql from './group-statements.js';
import { tablesOf, type GenerationTables, type PostgresLayout } from './layout.js';
import * as loadSql from './load-statements.js';
import { rowShape, type RowShape } from './row-shape.js';
import * as sql from './statements.js';

/**
 * When a commit outlives a crash of the server. `soon` is within a second: for what is in the log, to be applied again
 * from the checkpoint, which is lost together with the rows, as commits are lost from the newest backwards.
 */
type Durable = 'at-once' | 'soon';

const begin: Readonly<Record<Durable, string>> = {
  'at-once': 'BEGIN',
  soon: 'BEGIN; SET LOCAL synchronous_commit = off',
};

/** Connections of one database. */
export interface GenerationPools {
  /**
   * Statements are sent without waiting for each other (so nothing can be copied), and look for rows by their keys wherever
   * there is an index, so that a plan that is kept is never one for a table that was small.
   */
  readonly feeding: Pool;
  /** For all else: copying, reading everything, making and dropping tables. */
  readonly plain: Pool;
}

const dependentsPage = 1_000;
/** From so many rows on, of entities that were never there, copying them is worth its trips. */
const leastCopied = 500;
/** What the pool for feeding has for all its statements. */
const lookByKeys = 'SET LOCAL enable_seqscan = off';
/** For building the keys of what was loaded. */
const keyMemory = '256MB';

/** One generation: five tables, and two more during a load. A batch's rows, sums, ledger and checkpoint are one transaction. */
export class PostgresGeneration<Row> implements GenerationStore<Row> {
  private readonly tables: GenerationTables;
  private readonly shape: RowShape;
  private readonly writer: BatchWriter;

  constructor(
    private readonly pools: GenerationPools,
    name: string,
    private readonly layout: PostgresLayout<Row>,
  ) {
    this.tables = tablesOf(name);
    this.shape = rowShape(layout.rows);
    this.writer = new BatchWriter(this.tables, this.shape, layout.groups);
  }

  async open(partitions: readonly string[], { load } = { load: false }): Promise<void> {
    const { groups } = this.layout;
    await this.alone(async (client) => {
      await sql.createTables(client, this.tables, { isKeyed: !load, shape: this.shape });
      await sql.requireShape(client, this.tables, this.shape);
      if (groups) await groupSql.createGroupTables(client, this.tables, groups);
      const loading = load ? loadToBegin : '';
      await checkpointSql.createCheckpoints(client, this.tables, { partitions, loading });
      if (groups && load && !(await sql.isKeyed(client, this.tables.rows)))
        await loadSql.createParts(client, this.tables, groups);
    });
  }

  claim(partition: string): Promise<Claim> {
    return reaching(() => checkpointSql.bumpEpoch(this.pools.feeding, this.tables, partition));
  }

  contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    return reaching(() => sql.readLedger(this.pools.feeding, this.tables, entities));
  }

  async *dependents({ partition, references }: DependentsQuery): AsyncIterable<readonly string[]> {
    let page: readonly string[] = [];
    do {
      const query = { partition, references, after: page.at(-1) ?? '', limit: dependentsPage };
      page = await reaching(() => sql.readDependents(this.pools.feeding, this.tables, query));
      if (page.length > 0) yield page;
    } while (page.length === dependentsPage);
  }

  apply(batch: ViewBatch<Row>): Promise<ApplyOutcome> {
    return this.applyAll([batch]);
  }

  /** To find out what is there costs as much as reading it. */
  applyUnread(): Promise<'read-first'> {
    return Promise.resolve('read-first');
  }

  /** One transaction. Where not all of them can be applied, each is tried alone. */
  async applyTogether(batches: readonly ViewBatch<Row>[]): Promise<readonly ApplyOutcome[]> {
    if (batches.length > 1 && (await this.applyAll(batches)) === 'applied')
      return batches.map(() => 'applied');
    return Promise.all(batches.map((batch) => this.apply(batch)));
  }

  /** All of them or none. */
  private async applyAll(batches: readonly ViewBatch<Row>[]): Promise<ApplyOutcome> {
    const writes = writesOf(batches);
    const copied = writes.firsts.length < leastCopied ? undefined : await this.copyAll(batches, writes);
    if (copied !== undefined) return copied;
    const work = async (client: PoolClient): Promise<ApplyOutcome> => {
      // Sent together: who finds a checkpoint elsewhere rolls back what was written behind it.
      const [isOurs] = await Promise.all([
        checkpointSql.moveCheckpoints(client, this.tables, batches.map(moveOf)),
        this.writer.write(client, writes),
      ]);
      return isOurs ? 'applied' : 'fenced';
    };
    return this.transaction(work, { durable: durableOf(batches), pool: this.pools.feeding });
  }

  /** Undefined when something was there after all (planned without looking for it): nothing is changed then. */
  private async copyAll(
    batches: readonly ViewBatch<Row>[],
    writes: BatchWrites,
  ): Promise<ApplyOutcome | undefined> {
    const work = async (client: PoolClient): Promise<ApplyOutcome> => {
      await client.query(lookByKeys);
      if (!(await checkpointSql.moveCheckpoints(client, this.tables, batches.map(moveOf)))) return 'fenced';
      await this.writer.copy(client, writes);
      return 'applied';
    };
    try {
      return await this.transaction(work, { durable: durableOf(batches), pool: this.pools.plain });
    } catch (failure) {
      if (isAlreadyThere(failure)) return undefined;
      throw failure;
    }
  }

  load(batch: LoadBatch<Row>): Promise<ApplyOutcome> {
    const { claim, nextOffset, references, loading, loadedTo } = batch;
    const copies = { durable: 'soon', pool: this.pools.plain } as const;
    return this.transaction(async (client) => {
      const move = { from: claim, to: { nextOffset, references, loading, loadedTo } };
      if (!(await checkpointSql.moveCheckpoints(client, this.tables, [move]))) return 'fenced';
      const { firsts, puts, additions } = writesOf([batch]);
      const { partition } = claim;
      await loadSql.copyRows(client, this.tables, { puts: [...firsts, ...puts], shape: this.shape });
      await loadSql.copyLedger(client, this.tables, { partition, contributed: batch.contributed });
      const { groups: layout } = this.layout;
      if (additions.length > 0 && !layout) throw groupsUndeclared();
      if (layout) await loadSql.copyParts(client, this.tables, { layout, additions });
      return 'applied';
    }, copies);
  }

  async finishLoad(): Promise<readonly string[]> {
    const left = partitionsLoading(
      await reaching(() => checkpointSql.readCheckpoints(this.pools.plain, this.tables)),
    );
    if (left.length > 0) return left;
    if (await reaching(() => sql.isKeyed(this.pools.plain, this.tables.rows))) return [];
    await this.alone(async (client) => {
      if (await sql.isKeyed(client, this.tables.rows)) return;
      await client.query(`SET LOCAL maintenance_work_mem = '${keyMemory}'`);
      await sql.createKeys(client, this.tables);
      if (this.layout.groups) await loadSql.gatherParts(client, this.tables, this.layout.groups);
    });
    return [];
  }

  settle(): Promise<Positions> {
    return this.positions();
  }

  positions(): Promise<Positions> {
    return reaching(async () =>
      shownPositions(await checkpointSql.readCheckpoints(this.pools.feeding, this.tables)),
    );
  }

  mayShow(): Promise<Positions> {
    return reaching(async () =>
      boundPositions(await checkpointSql.readCheckpoints(this.pools.plain, this.tables)),
    );
  }

  async seal(): Promise<void> {
    const { groups, rows } = this.layout;
    await this.alone(async (client) => {
      await sql.createReferenceIndex(client, this.tables);
      await sql.createIndexes(client, this.tables.rows, rows?.indexes);
      if (groups) await sql.createIndexes(client, this.tables.groups, groups.indexes);
      await sql.analyze(client, this.tables);
    });
  }

  /** One snapshot of the database: rows, sums and checkpoints belong together. */
  scan<Result>(work: (scan: GenerationScan) => Promise<Result>): Promise<Result> {
    return this.transaction(async (client) => {
      await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await sql.requireShape(client, this.tables, this.shape);
      const exact = sourcePositions(await checkpointSql.readCheckpoints(client, this.tables));
      const { shape, layout } = this;
      const pages = scanPages(client, this.tables, { shape, groups: layout.groups });
      if (!layout.groups) return work({ exact, pages });
      const values = (groups: readonly GroupKey[]) =>
        readValues(client, this.tables, groups.map(groupSql.idOf));
      return work({ exact, pages, values });
    });
  }

  rowText(row: Row): string {
    return this.shape.text(this.shape.values(row));
  }

  async *contents(): AsyncIterable<StoredItem<Row>> {
    const items = await this.scan(async ({ pages }) => (await Array.fromAsync(pages)).flat());
    for (const item of items) {
      if (item.kind === 'group') {
        yield item;
        continue;
      }
      const { kind, entity, key, text } = item;
      yield { kind, entity, key, row: this.layout.parseRow(JSON.parse(text)) };
    }
  }

  async drop(): Promise<void> {
    await reaching(() => sql.dropTables(this.pools.plain, this.tables));
  }

  /** One session at a time: concurrent CREATE … IF NOT EXISTS can still collide. */
  private alone(work: (client: PoolClient) => Promise<void>): Promise<void> {
    return this.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [this.tables.rows]);
      await work(client);
    });
  }

  /** Commits unless the work ends `fenced` or fails. */
  private async transaction<Result>(
    work: (client: PoolClient) => Promise<Result>,
    { durable, pool }: { durable: Durable; pool: Pool } = { durable: 'at-once', pool: this.pools.plain },
  ): Promise<Result> {
    return reaching(async () => {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        // A trip of its own: what is sent behind a BEGIN that failed would be committed by itself.
        await client.query(begin[durable]);
        const result = await work(client);
        await client.query(result === 'fenced' ? 'ROLLBACK' : 'COMMIT');
        return result;
      } catch (failure) {
        broken = await client.query('ROLLBACK').then(
          () => undefined,
          (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
        );
        throw failure;
      } finally {
        client.release(broken);
      }
    });
  }
}

function moveOf(batch: ViewBatch<unknown>): checkpointSql.CheckpointMove {
  return { from: batch.claim, to: checkpointAfter(batch) };
}

function durableOf(batches: readonly ViewBatch<unknown>[]): Durable {
  return batches.some(({ mustLast }) => mustLast) ? 'at-once' : 'soon';
}
