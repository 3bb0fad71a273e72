import { whileAway, type LogConnection } from '@reprise/log';
import pg from 'pg';
import type { StandstillNotes } from './expiry-clock.js';

/** A moment is written down again only when it is this much later: what is lost in between makes the clock run early. */
const granularityMs = 30_000;

/** In the control plane's own database: the stream of reports forgets who reported last before it ended. */
export class StoredNotes implements StandstillNotes {
  private readonly pool: pg.Pool;
  private readonly noted = new Map<string, number>();

  constructor(private readonly options: { readonly connectionString: string; readonly log: LogConnection }) {
    this.pool = new pg.Pool({ connectionString: options.connectionString, max: 1 });
    // A connection that breaks while idle is replaced at its next use.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
  }

  /** Resolves when all notes are known. */
  async start(): Promise<void> {
    await whileAway(() => createTable(this.pool), this.options.log);
    for (const { view, number, atMs } of await readNotes(this.pool))
      this.noted.set(keyOf(view, number), atMs);
  }

  async stop(): Promise<void> {
    await this.pool.end();
  }

  notedAtMs(view: string, number: number): number | undefined {
    return this.noted.get(keyOf(view, number));
  }

  /** A note that cannot be written now is written with a later one. */
  async note(view: string, number: number, atMs: number): Promise<void> {
    const known = this.noted.get(keyOf(view, number));
    if (known !== undefined && atMs < known + granularityMs) return;
    const isWritten = await writeNote(this.pool, { view, number, atMs }).then(
      () => true,
      () => false,
    );
    if (isWritten) this.noted.set(keyOf(view, number), atMs);
  }
}

interface Note {
  readonly view: string;
  readonly number: number;
  readonly atMs: number;
}

function keyOf(view: string, number: number): string {
  return `${view}/${number}`;
}

async function createTable(pool: pg.Pool): Promise<void> {
  await pool.query(`CREATE TABLE IF NOT EXISTS generation_moved (
    view text NOT NULL, number int NOT NULL, at_ms bigint NOT NULL, PRIMARY KEY (view, number))`);
}

async function readNotes(pool: pg.Pool): Promise<Note[]> {
  const { rows } = await pool.query<{ view: string; number: number; at_ms: string }>(
    'SELECT view, number, at_ms FROM generation_moved',
  );
  return rows.map(({ view, number, at_ms }) => ({ view, number, atMs: Number(at_ms) }));
}

async function writeNote(pool: pg.Pool, { view, number, atMs }: Note): Promise<void> {
  await pool.query(
    `INSERT INTO generation_moved AS known (view, number, at_ms) VALUES ($1, $2, $3)
     ON CONFLICT (view, number) DO UPDATE SET at_ms = GREATEST(known.at_ms, excluded.at_ms)`,
    [view, number, Math.trunc(atMs)],
  );
}
