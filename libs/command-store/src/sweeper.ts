import { messageOf } from '@reprise/kernel';
import pg from 'pg';
import { deleteCommands } from './sql/commands.js';
import { deleteOperations } from './sql/operations.js';

export interface SweeperOptions {
  readonly connectionString: string;
  /** How long a command id is known. */
  readonly commandsMs: number;
  /** How long an operation can be asked for, once it is published. */
  readonly operationsMs: number;
  /** Between two rounds. Default: a minute. */
  readonly everyMs?: number;
  /** Told of a round that failed; the next one makes up for it. */
  readonly onTrouble?: (reason: string) => void;
}

/** Few enough that no command waits for it. */
const rowsAtOnce = 500;

/** Forgets what was kept long enough, a few rows at a time. Several may run at once: each takes rows that no other has. */
export class Sweeper {
  private readonly pool: pg.Pool;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: SweeperOptions) {
    this.pool = new pg.Pool({ connectionString: options.connectionString, max: 1 });
    // A connection that breaks while idle is replaced at its next use.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
  }

  start(): Promise<void> {
    const everyMs = this.options.everyMs ?? 60_000;
    const schedule = (): void => {
      // Not all processes at the same moment.
      this.timer = setTimeout(
        () => {
          this.running = this.round().then(() => {
            if (!this.stopped) schedule();
          });
        },
        everyMs * (0.75 + Math.random() / 2),
      );
    };
    schedule();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
    await this.pool.end();
  }

  /** Forgets everything that is due now; how many rows. */
  async sweep(): Promise<number> {
    const { commandsMs, operationsMs } = this.options;
    const commands = await this.untilNoneIsLeft((limit) =>
      deleteCommands(this.pool, { olderThanMs: commandsMs, limit }),
    );
    const operations = await this.untilNoneIsLeft((limit) =>
      deleteOperations(this.pool, { olderThanMs: operationsMs, limit }),
    );
    return commands + operations;
  }

  private async round(): Promise<void> {
    try {
      await this.sweep();
    } catch (failure) {
      this.options.onTrouble?.(messageOf(failure));
    }
  }

  /** Each time in a transaction of its own, so that nothing is locked for long. */
  private async untilNoneIsLeft(deleteSome: (limit: number) => Promise<number>): Promise<number> {
    let total = 0;
    for (let deleted = rowsAtOnce; deleted === rowsAtOnce && !this.stopped; total += deleted) {
      deleted = await deleteSome(rowsAtOnce);
    }
    return total;
  }
}
