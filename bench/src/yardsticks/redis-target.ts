import { Redis } from '../clients.js';
import { pagesOf } from '../pages.js';
import { flightRow, type FlightRow } from '../views/row.js';
import type { Target } from './target.js';

const key = 'yardstick:flights';
const rowsAtOnce = 1_000;
const commandsAtOnce = 8;

/** A hash with a row, as JSON, per flight. */
export class RedisTarget implements Target {
  private readonly redis: Redis;

  constructor(url: string) {
    this.redis = new Redis(url);
  }

  async prepare(): Promise<void> {
    await this.drop();
  }

  /** Pipelined. */
  async load(rows: Iterable<FlightRow>): Promise<void> {
    for (const pages of pagesOf(pagesOf(rows, rowsAtOnce), commandsAtOnce))
      await Promise.all(pages.map((page) => this.put(page)));
  }

  async put(rows: readonly FlightRow[]): Promise<void> {
    await this.redis.hset(key, ...rows.flatMap((row) => [row.flightId, JSON.stringify(row)]));
  }

  async finish(): Promise<void> {
    // What is written is seen.
  }

  async *rows(): AsyncIterable<FlightRow> {
    for (const ids of pagesOf(await this.redis.hkeys(key), rowsAtOnce))
      for (const text of await this.redis.hmget(key, ...ids))
        yield flightRow.parse(JSON.parse(text ?? 'null'));
  }

  async drop(): Promise<void> {
    await this.redis.unlink(key);
  }

  async stop(): Promise<void> {
    await this.redis.quit();
  }
}
