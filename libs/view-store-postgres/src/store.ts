import type { ViewStore } from '@reprise/view-store';
import pg from 'pg';
import { reaching } from './errors.js';
import { PostgresGeneration, type GenerationPools } from './generation.js';
import { tablesOf, type GenerationTables, type PostgresLayout } from './layout.js';

export interface PostgresViewStoreOptions<Row> {
  readonly connectionString: string;
  readonly layout: PostgresLayout<Row>;
  /** Of each kind, see {@link GenerationPools}. Default 10. */
  readonly maxConnections?: number;
}

/** Generations of one view in one Postgres database. */
export class PostgresViewStore<Row> implements ViewStore<Row> {
  private readonly pools: GenerationPools;

  constructor(private readonly options: PostgresViewStoreOptions<Row>) {
    const { connectionString, maxConnections: max = 10 } = options;
    this.pools = {
      feeding: quietly(new pg.Pool({ connectionString, max, pipeline: true })),
      plain: quietly(new pg.Pool({ connectionString, max })),
    };
    this.pools.feeding.on('connect', (client) => {
      // Sent before what it is wanted for; where it fails, that fails as well.
      client.query('SET enable_seqscan = off').catch(() => undefined);
    });
  }

  generation(name: string): PostgresGeneration<Row> {
    return new PostgresGeneration(this.pools, name, this.options.layout);
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
    const { rows } = await reaching(() => this.pools.plain.query<Selected>(text, [...parameters]));
    return rows;
  }

  async stop(): Promise<void> {
    await Promise.all([this.pools.feeding.end(), this.pools.plain.end()]);
  }
}

function quietly(pool: pg.Pool): pg.Pool {
  // A connection that breaks while idle is replaced at its next use; whoever uses it then is told.
  pool.on('error', () => undefined);
  // One that breaks while in use fails the statement; the event beside it must not end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}
