import type { ViewStore } from '@reprise/view-store';
import { RedisConnection } from './connection.js';
import { reaching } from './errors.js';
import { RedisGeneration } from './generation.js';
import { keysOf, parseRowId, rowId, type RedisLayout } from './layout.js';
import { parseStoredRow } from './ledger.js';

export interface RedisViewStoreOptions<Row> {
  readonly url: string;
  readonly layout: RedisLayout<Row>;
}

/** A part of an index, in the order of (score, key, entity). */
export interface RangeOptions {
  readonly index: string;
  /** Scores, both included; `max` undefined = no end. */
  readonly min: number;
  readonly max: number | undefined;
  readonly limit: number;
  /** Go on after this row, which has the score `min`. */
  readonly after?: { readonly entity: string; readonly key: string } | undefined;
}

export interface RangeRow<Row> {
  readonly entity: string;
  readonly key: string;
  readonly row: Row;
}

/** Generations of one view in one Redis. */
export class RedisViewStore<Row> implements ViewStore<Row> {
  private readonly connection: RedisConnection;

  constructor(private readonly options: RedisViewStoreOptions<Row>) {
    this.connection = new RedisConnection(options.url);
  }

  generation(name: string): RedisGeneration<Row> {
    return new RedisGeneration(this.connection, name, this.options.layout);
  }

  /**
   * Rows of an index with their contents, in one round trip.
   * @throws CodedError `generation-missing` (retry) when the generation was never opened, or is dropped.
   */
  async range(generation: string, { index, min, max, limit, after }: RangeOptions): Promise<RangeRow<Row>[]> {
    const { indexPrefix, rows, checkpoints } = keysOf(generation);
    const args = [
      `${indexPrefix}${index}`,
      rows,
      checkpoints,
      String(min),
      max === undefined ? '+inf' : String(max),
      String(limit),
      after === undefined ? '' : rowId(after.entity, after.key),
    ];
    const page = await reaching(() => this.connection.call('repriseRange', args));
    return this.rowsOf(page);
  }

  stop(): Promise<void> {
    return this.connection.stop();
  }

  /** The script returns ids and contents by turns. */
  private rowsOf(page: unknown): RangeRow<Row>[] {
    const texts = Array.isArray(page) ? page.map(String) : [];
    const found: RangeRow<Row>[] = [];
    for (let place = 0; place + 1 < texts.length; place += 2) {
      const row = this.options.layout.parseRow(parseStoredRow(texts[place + 1] ?? ''));
      found.push({ ...parseRowId(texts[place] ?? ''), row });
    }
    return found;
  }
}
