import type { GroupAddition } from '@reprise/view';
import type { ViewBatch } from '@reprise/view-store';
import type { PoolClient } from 'pg';
import { storeError } from './errors.js';
import * as groupSql from './group-statements.js';
import type { GenerationTables, GroupLayout } from './layout.js';
import { copyRows } from './load-statements.js';
import type { RowShape } from './row-shape.js';
import * as sql from './statements.js';

/** What batches come to. */
export interface BatchWrites {
  /** Rows of entities of which nothing was there. */
  readonly firsts: readonly sql.Put[];
  readonly puts: readonly sql.Put[];
  readonly removals: readonly sql.Removal[];
  readonly additions: readonly GroupAddition[];
  /** The ledger's entries that come, or that go because rows tell all. */
  readonly entries: readonly sql.LedgerEntry[];
}

export function writesOf(batches: readonly ViewBatch<unknown>[]): BatchWrites {
  const firsts: sql.Put[] = [];
  const puts: sql.Put[] = [];
  const removals: sql.Removal[] = [];
  const additions: GroupAddition[] = [];
  const entries: sql.LedgerEntry[] = [];
  for (const { changes, contributed: all, claim } of batches) {
    const unseen = new Set<string>();
    for (const change of changes) {
      switch (change.kind) {
        case 'put':
          (change.isFirst === true ? firsts : puts).push(change);
          if (change.isFirst === true) unseen.add(change.entity);
          break;
        case 'remove':
          removals.push(change);
          break;
        case 'add':
          additions.push(change);
          break;
      }
    }
    for (const [entity, contributed] of all) {
      const needsNone = unseen.has(entity) && sql.isToldByRows(contributed);
      if (!needsNone) entries.push({ partition: claim.partition, entity, contributed });
    }
  }
  return { firsts, puts, removals, additions, entries };
}

/** Writes what batches come to, within the transaction of whoever calls. */
export class BatchWriter {
  constructor(
    private readonly tables: GenerationTables,
    private readonly shape: RowShape,
    private readonly groups: GroupLayout | undefined,
  ) {}

  /** Every statement is under way at once, in this order: none needs the answer of another. */
  async write(
    client: PoolClient,
    { firsts, puts: others, removals, additions, entries }: BatchWrites,
  ): Promise<void> {
    const { tables, shape } = this;
    const puts = firsts.length === 0 ? others : [...firsts, ...others];
    const writes: Promise<unknown>[] = [];
    if (removals.length > 0) writes.push(sql.removeRows(client, tables, removals));
    if (puts.length > 0) writes.push(sql.putRows(client, tables, { puts, shape }));
    writes.push(...sql.writeLedger(client, tables, entries));
    // Last, so that the rows that others wait for are locked for the shortest time.
    if (additions.length > 0) writes.push(...this.add(client, additions));
    await Promise.all(writes);
  }

  /**
   * Copies the rows of entities that were never there, at half of what it costs to look for each. On a connection that takes
   * statements one by one. Fails (see `isAlreadyThere`) where one is there after all.
   */
  async copy(client: PoolClient, { firsts, ...others }: BatchWrites): Promise<void> {
    await copyRows(client, this.tables, { puts: firsts, shape: this.shape });
    await this.write(client, { ...others, firsts: [] });
  }

  private add(client: PoolClient, changes: readonly GroupAddition[]): Promise<unknown>[] {
    const layout = this.groups;
    if (!layout) throw groupsUndeclared();
    const additions = groupSql.identified(changes);
    return [
      groupSql.addToGroups(client, this.tables, { layout, additions }),
      ...groupSql.addToExtremes(client, this.tables, additions),
      groupSql.removeEmptyGroups(client, this.tables, { layout, additions }),
    ];
  }
}

export function groupsUndeclared() {
  return storeError('contribution-unsupported', 'the view contributes to groups, its layout declares none');
}
