import { once } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { flightRow, rowFields, type FlightRow } from '../views/row.js';
import { columns as types } from '../views/mappings.js';
import { pagesOf } from '../pages.js';
import type { Target } from './target.js';

/** Of all who write by hand. */
export const table = 'yardstick_flights';
const columns = rowFields.map((field) => `"${field}"`);
const rowsAtOnce = 1_000;

/** A table with a typed column per field. */
export class PostgresTarget implements Target {
  private readonly pool: pg.Pool;

  constructor(connectionString: string) {
    this.pool = new pg.Pool({ connectionString, max: 8 });
    pg.types.setTypeParser(pg.types.builtins.INT8, Number);
  }

  async prepare(keyed: boolean): Promise<void> {
    const fields = rowFields.map((field) => `"${field}" ${types[field]}`);
    await this.pool.query(`DROP TABLE IF EXISTS ${table}`);
    await this.pool.query(`CREATE TABLE ${table} (${fields.join(', ')})`);
    if (keyed) await this.addKey();
    await this.pool.query('CHECKPOINT');
  }

  /** COPY. */
  async load(rows: Iterable<FlightRow>): Promise<void> {
    const client = await this.pool.connect();
    try {
      const stream = client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
      for (const page of pagesOf(rows, rowsAtOnce))
        if (!stream.write(page.map(copyLine).join(''))) await once(stream, 'drain');
      stream.end();
      await once(stream, 'finish');
    } finally {
      client.release();
    }
  }

  /** One upsert of all. */
  async put(rows: readonly FlightRow[]): Promise<void> {
    const arrays = rowFields.map((field, index) => `$${index + 1}::${types[field]}[]`);
    const assignments = columns.map((column) => `${column} = excluded.${column}`);
    await this.pool.query({
      name: 'put',
      text: `INSERT INTO ${table} (${columns.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})
        ON CONFLICT ("flightId") DO UPDATE SET ${assignments.join(', ')}`,
      values: rowFields.map((field) => rows.map((row) => row[field])),
    });
  }

  async finish(keyed: boolean): Promise<void> {
    if (!keyed) await this.addKey();
  }

  async *rows(): AsyncIterable<FlightRow> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(`DECLARE everything CURSOR FOR SELECT ${columns.join(', ')} FROM ${table}`);
      for (;;) {
        const { rows } = await client.query<Record<string, unknown>>('FETCH 10000 FROM everything');
        if (rows.length === 0) break;
        for (const row of rows) yield flightRow.parse(row);
      }
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  }

  /** True when all these rows are there, as they are here. */
  async holds(wanted: readonly FlightRow[]): Promise<boolean> {
    const { rows } = await this.pool.query<Record<string, unknown>>(
      `SELECT ${columns.join(', ')} FROM ${table} WHERE "flightId" = ANY($1)`,
      [wanted.map(({ flightId }) => flightId)],
    );
    const found = new Map(rows.map((row) => [row['flightId'], row]));
    return wanted.every((row) => isDeepStrictEqual({ ...found.get(row.flightId) }, row));
  }

  async count(): Promise<number> {
    const { rows } = await this.pool.query<{ count: number }>(`SELECT count(*) FROM ${table}`);
    return rows[0]?.count ?? 0;
  }

  async drop(): Promise<void> {
    await this.pool.query(`DROP TABLE IF EXISTS ${table}`);
  }

  stop(): Promise<void> {
    return this.pool.end();
  }

  private async addKey(): Promise<void> {
    await this.pool.query(`ALTER TABLE ${table} ADD PRIMARY KEY ("flightId")`);
  }
}

/** The fields of this data hold no tab, newline or backslash. */
function copyLine(row: FlightRow): string {
  return `${rowFields.map((field) => row[field] ?? '\\N').join('\t')}\n`;
}
