import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Flight, StreamContract } from '@reprise/contracts';
import { LogAdmin, provisionStreams, type LogConnection } from '@reprise/log';
import { z } from 'zod';
import type { Admin } from '../clients.js';
import type { Content } from './checksum.js';
import { recordedYear } from './flight-events.js';
import { append } from './generate.js';
import { ordered, type Order } from './orders.js';
import { benchTopic, contractOn } from './topics.js';
import type { FlightEnvelope } from './years.js';

/** A topic to measure on, and what a view with a row per flight must hold of it. */
export interface BenchTopic {
  readonly contract: StreamContract<Flight>;
  readonly order: Order;
  readonly records: number;
  readonly content: Content;
}

const notes = z.record(
  z.string(),
  z.object({ records: z.int(), content: z.object({ rows: z.int(), checksum: z.string() }) }),
);

export interface TopicShelfOptions {
  readonly stateDir: string;
  readonly connection: LogConnection;
  readonly admin: Admin;
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}

/** The topics that were generated once and are measured again and again; notes of them lie beside the broker's data. */
export class TopicShelf {
  private year: Promise<readonly FlightEnvelope[]> | undefined;

  constructor(private readonly options: TopicShelfOptions) {}

  async topic(order: Order, years: number): Promise<BenchTopic> {
    const contract = contractOn(benchTopic(order, years));
    const noted = this.notes()[contract.topic];
    if (noted && (await this.recordsIn(contract.topic)) === noted.records)
      return { contract, order, ...noted };
    await this.empty(contract.topic);
    const generated = await this.generate(contract, order, years);
    writeFileSync(this.path, JSON.stringify({ ...this.notes(), [contract.topic]: generated }, undefined, 2));
    return { contract, order, ...generated };
  }

  /** A topic by this name with nothing in it. */
  async empty(topic: string): Promise<StreamContract<Flight>> {
    const contract = contractOn(topic);
    await this.remove(topic);
    await provisionStreams({ [contract.name]: contract }, this.options.connection);
    return contract;
  }

  /** Writes into an empty topic that is not kept for another time. */
  async fill(contract: StreamContract<Flight>, order: Order, years: number): Promise<BenchTopic> {
    return { contract, order, ...(await this.generate(contract, order, years)) };
  }

  private async generate(contract: StreamContract<Flight>, order: Order, years: number) {
    const { connection, stop, say } = this.options;
    say(`Generating ${contract.topic} …`);
    const year = await (this.year ??= recordedYear());
    const total = year.length * years;
    const began = performance.now();
    let shown = 0;
    const onProgress = (records: number): void => {
      stop.throwIfAborted();
      if (records < total && records - shown < total / 20) return;
      shown = records;
      const rate = Math.round((records * 1_000) / (performance.now() - began));
      say(`  ${Math.round((100 * records) / total)} % of ${total} records, ${rate} a second`);
    };
    return append({ contract, connection, events: ordered(year, years, order), onProgress });
  }

  private async remove(topic: string): Promise<void> {
    const { admin } = this.options;
    if (!(await admin.listTopics()).includes(topic)) return;
    await admin.deleteTopics({ topics: [topic] });
    // The broker forgets it a moment later.
    while ((await admin.listTopics()).includes(topic)) await pause(100);
  }

  /** 0 when there is no such topic. */
  private async recordsIn(topic: string): Promise<number> {
    const { admin, connection } = this.options;
    if (!(await admin.listTopics()).includes(topic)) return 0;
    const log = new LogAdmin(connection);
    const ends = await log.endOffsets([topic]);
    await log.stop();
    return Number([...ends.values()].reduce((sum, end) => sum + end, 0n));
  }

  private notes(): z.output<typeof notes> {
    return existsSync(this.path) ? notes.parse(JSON.parse(readFileSync(this.path, 'utf8'))) : {};
  }

  private get path(): string {
    return join(this.options.stateDir, 'topics.json');
  }
}
