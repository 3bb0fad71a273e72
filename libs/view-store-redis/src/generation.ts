import type { Positions } from '@reprise/kernel';
import type { Contributed, ViewChange } from '@reprise/view';
import type { ApplyOutcome, Claim, GenerationStore, StoredItem, ViewBatch } from '@reprise/view-store';
import type { RedisConnection } from './connection.js';
import { reaching, storeError } from './errors.js';
import { keysOf, parseRowId, rowId, type RedisLayout } from './layout.js';
import { ledgerContent, parseCheckpoint, parseLedger, parseStoredRow } from './ledger.js';

const scanCount = 1_000;

/**
 * One generation: four kinds of keys in one slot. A batch is one script. Should the server lose acknowledged writes
 * (a failover, a crash before its file was synced), rows and checkpoint are lost together, and the claim that follows
 * goes on from the older checkpoint.
 */
export class RedisGeneration<Row> implements GenerationStore<Row> {
  private readonly keys: ReturnType<typeof keysOf>;

  constructor(
    private readonly connection: RedisConnection,
    name: string,
    private readonly layout: RedisLayout<Row>,
  ) {
    this.keys = keysOf(name);
  }

  /** Keys come with their first write; here it only shows whether the server is there. */
  async open(): Promise<void> {
    await reaching(() => this.connection.client.ping());
  }

  async claim(partition: string): Promise<Claim> {
    const stored = await reaching(() =>
      this.connection.call('repriseClaim', [this.keys.checkpoints, partition]),
    );
    return { partition, ...parseCheckpoint(String(stored)) };
  }

  async contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    if (entities.length === 0) return new Map();
    const stored = await reaching(() => this.connection.client.hmget(this.keys.entities, ...entities));
    const found = new Map<string, Contributed>();
    entities.forEach((entity, place) => {
      const entry = stored[place];
      if (typeof entry === 'string') found.set(entity, parseLedger(entry));
    });
    return found;
  }

  async apply({
    claim,
    expectedOffset,
    nextOffset,
    contributed,
    changes,
  }: ViewBatch<Row>): Promise<ApplyOutcome> {
    const { checkpoints, rows, entities, indexPrefix } = this.keys;
    const batch = JSON.stringify({ ...this.writes(changes), ledger: ledgerWrites(contributed) });
    const [from, to] = [`${claim.epoch}:${expectedOffset}`, `${claim.epoch}:${nextOffset}`];
    const args = [checkpoints, rows, entities, indexPrefix, claim.partition, from, to, batch];
    return (await reaching(() => this.connection.call('repriseApply', args))) === 1 ? 'applied' : 'fenced';
  }

  settle(): Promise<Positions> {
    return this.positions();
  }

  async positions(): Promise<Positions> {
    const stored = await reaching(() => this.connection.client.hgetall(this.keys.checkpoints));
    return new Map(
      Object.entries(stored).map(([partition, text]) => [partition, parseCheckpoint(text).nextOffset]),
    );
  }

  mayShow(): Promise<Positions> {
    return this.positions();
  }

  /** There is nothing that only readers need: the indexes are kept with every batch. */
  seal(): Promise<void> {
    return Promise.resolve();
  }

  async *contents(): AsyncIterable<StoredItem<Row>> {
    let cursor = '0';
    const seen = new Set<string>();
    do {
      const [next, fields] = await reaching(() =>
        this.connection.client.hscan(this.keys.rows, cursor, 'COUNT', scanCount),
      );
      cursor = next;
      for (let place = 0; place + 1 < fields.length; place += 2) {
        const [id, stored] = [fields[place] ?? '', fields[place + 1] ?? ''];
        // A scan may meet a field twice while the hash is resized.
        if (seen.has(id)) continue;
        seen.add(id);
        yield { kind: 'row', ...parseRowId(id), row: this.layout.parseRow(parseStoredRow(stored)) };
      }
    } while (cursor !== '0');
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

  private writes(changes: readonly ViewChange<Row>[]) {
    const removals: unknown[] = [];
    const puts: unknown[] = [];
    for (const change of changes) {
      switch (change.kind) {
        case 'put': {
          const places = this.layout.indexes(change.row).map(({ index, score }) => [index, score]);
          const content = JSON.stringify({ row: change.row, version: change.version, indexes: places });
          puts.push([change.entity, rowId(change.entity, change.key), content, places]);
          break;
        }
        case 'remove':
          removals.push([change.entity, rowId(change.entity, change.key)]);
          break;
        case 'add':
          throw storeError(
            'contribution-unsupported',
            'Redis holds rows only: this view contributes to groups',
          );
      }
    }
    return { removals, puts };
  }
}

function ledgerWrites(contributed: ReadonlyMap<string, Contributed>): unknown[] {
  return [...contributed].map(([entity, entry]) => [entity, entry.version, ledgerContent(entry)]);
}
