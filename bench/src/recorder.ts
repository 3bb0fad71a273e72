import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@reprise/kernel';
import { table, type Measurement, type Run } from './results.js';
import type { Session } from './session.js';
import type { Content } from './topic/checksum.js';
import type { BenchTopic } from './topic/topic-shelf.js';

/** What is left out is named in the table with its reason, and stops nothing else. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

type Where = Pick<Measurement, 'what' | 'store'> & { readonly topic: BenchTopic };

/** Runs measurements, prints them, and keeps them as JSON in the state folder after each. */
export class Recorder {
  private readonly measured: Measurement[] = [];

  constructor(
    private readonly session: Session,
    private readonly name: string,
  ) {}

  /** @throws unless it is {@link Unavailable}: then that is what the table says. */
  async measure(where: Where, run: () => Promise<Run & { readonly content?: Content | undefined }>) {
    const { options, say, stop } = this.session;
    const { what, store, topic } = where;
    const runs: Run[] = [];
    let failure: string | undefined;
    try {
      while (runs.length < options.runs && !stop.aborted) {
        const { content, ...measured } = await run();
        requireRight(where, content);
        runs.push(measured);
        const rate = Math.round(measured.records / measured.seconds).toLocaleString('en');
        const place = [topic.order, store, what].filter((part) => part !== undefined).join(' ');
        say(`  ${place}: ${rate} records/s (${measured.seconds.toFixed(1)} s)`);
      }
    } catch (reason) {
      if (!(reason instanceof Unavailable)) throw reason;
      failure = messageOf(reason);
    }
    this.measured.push({
      what,
      store,
      order: topic.order,
      runs,
      ...(failure === undefined ? {} : { failure }),
    });
    this.keep();
  }

  print(): void {
    this.session.say(`\n${table(this.measured)}\n\nAs JSON: ${this.path}`);
  }

  private keep(): void {
    const { years, builders } = this.session.options;
    const machine = {
      processor: cpus()[0]?.model,
      threads: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      load: loadavg(),
    };
    const all = { at: new Date().toISOString(), machine, years, builders, measurements: this.measured };
    writeFileSync(this.path, `${JSON.stringify(all, undefined, 2)}\n`);
  }

  private get path(): string {
    return join(this.session.options.stateDir, `${this.name}.json`);
  }
}

/** @throws Error: a rate with the wrong result is no rate. */
function requireRight({ what, store, topic }: Where, content: Content | undefined): void {
  if (!content) return;
  const wanted = topic.content;
  if (content.rows === wanted.rows && content.checksum === wanted.checksum) return;
  throw new Error(
    `${what} left ${content.rows} rows (${content.checksum}) in ${store ?? 'no store'}, not ${wanted.rows} (${wanted.checksum})`,
  );
}
