import { CommandStore } from '@reprise/command-store';
import type { StreamContract, ViewGenerations } from '@reprise/contracts';
import type { LogConnection } from '@reprise/log';
import pg from 'pg';
import type { GenerationsCommand } from '../src/generations/commands.js';
import { viewGenerationsOn } from '../src/generations/entity.js';
import { ViewGenerationsStore, type ViewOutcome } from '../src/generations/view-generations-store.js';

interface OutboxRow {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: object;
}

/** Stores commands, and gets no further: nothing relays what it stored. */
export class DyingPlane {
  private constructor(
    private readonly store: ViewGenerationsStore,
    private readonly commands: CommandStore,
    private readonly pool: pg.Pool,
  ) {}

  static async open(options: {
    readonly connectionString: string;
    readonly generation: StreamContract<ViewGenerations>;
    readonly log: LogConnection;
  }): Promise<DyingPlane> {
    const { connectionString, generation, log } = options;
    const entity = viewGenerationsOn(generation);
    const clock = { nowMs: () => Date.now() };
    const commands = new CommandStore({
      connectionString,
      source: '/control-plane',
      entities: [entity],
      log,
      clock,
    });
    await commands.start();
    return new DyingPlane(
      new ViewGenerationsStore(commands, entity),
      commands,
      new pg.Pool({ connectionString }),
    );
  }

  ask(view: string, command: GenerationsCommand): Promise<ViewOutcome> {
    const provenance = { correlationId: 'c', causationId: 'c', actor: 'ann' };
    return this.store.execute(view, command, provenance);
  }

  /** What waits to be relayed. */
  async outbox(): Promise<readonly OutboxRow[]> {
    const { rows } = await this.pool.query<OutboxRow>(
      'SELECT topic, key, value, headers FROM outbox ORDER BY id',
    );
    return rows;
  }

  /** As if the relay had died after the broker took these, before it deleted them. */
  async putBack(rows: readonly OutboxRow[]): Promise<void> {
    for (const { topic, key, value, headers } of rows) {
      await this.pool.query('INSERT INTO outbox (topic, key, value, headers) VALUES ($1, $2, $3, $4)', [
        topic,
        key,
        value,
        headers,
      ]);
    }
  }

  async stop(): Promise<void> {
    await this.commands.stop();
    await this.pool.end();
  }
}
