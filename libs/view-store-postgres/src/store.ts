import type { ViewStore } from '@reprise/view-store';
import pg from 'pg';
import { reaching } from './errors.js';
import { PostgresGeneration } from './generation.js';
import { tablesOf, type GenerationTables, type PostgresLayout } from './layout.js';

export interface PostgresViewStoreOptions<Row> {
  readonly connectionString: string;
  readonly layout: PostgresLayout<Row>;
  readonly maxConnections?: number;
}

/** Generations of one view in one Postgres database. */
export class PostgresViewStore<Row> implements ViewStore<Row> {
  private readonly pool: pg.Pool;

  constructor(private readonly options: PostgresViewStoreOptions<Row>) {
    this.pool = new pg.Pool({
      connectionString: options.connectionString,
      max: options.maxConnections ?? 10,
    });
    // A connection that breaks while idle is replaced at its next use; whoever uses it then is told.
    this.pool.on('error', () => undefined);
    // One that breaks while in use fails the statement; the event beside it must not end the process.
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
  }

  generation(name: string): PostgresGeneration<Row> {
    return new PostgresGeneration(this.pool, name, this.options.layout);
  }

  /** Quoted names of a generation's tables, for queries. */
  tables(generation: string): GenerationTables {
    return tablesOf(generation);
  }

  /** Runs a reader's statement; the caller knows what it selects. */
  async query<Selected extends pg.QueryResultRow>(
    text: string,
    parameters: readonly unknown[],
  ): Promise<Selected[]> {
    const { rows } = await reaching(() => this.pool.query<Selected>(text, [...parameters]));
    return rows;
  }

  stop(): Promise<void> {
    return this.pool.end();
  }
}
