import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { randomCommand, type Command } from './commands.js';
import type { Random } from './random.js';
import type { Report } from './report.js';

/** The newest that was acknowledged of an entity. */
export interface Acknowledged {
  readonly version: number;
  readonly isRemoval: boolean;
}

export interface LoadOptions {
  /** Base address of the command service. */
  readonly url: string;
  readonly random: Random;
  readonly report: Report;
  readonly clients: number;
}

interface Sent {
  readonly id: string;
  readonly command: Command;
}

/** How long a batch may stay unanswered at the end, before that is a finding. */
const patienceMs = 60_000;

/**
 * Clients that send batches of commands side by side. A command is sent again, with its id, until it is answered: what is
 * acknowledged is remembered, and must never be lost.
 */
export class Load {
  readonly acknowledged = new Map<string, Acknowledged>();
  private stopped = false;
  private abandoned = false;
  private readonly running: Promise<void>[];

  constructor(private readonly options: LoadOptions) {
    this.running = Array.from({ length: options.clients }, () => this.send(options.random.fork()));
  }

  /** Resolves when every command that was ever sent has been answered, or is given up. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.running);
  }

  /** Sends nothing any more, answered or not. */
  abandon(): void {
    this.stopped = true;
    this.abandoned = true;
  }

  private async send(random: Random): Promise<void> {
    while (!this.stopped) {
      const commands = Array.from({ length: random.between(1, 30) }, () => randomCommand(random));
      await this.untilAnswered(commands.map((command) => ({ id: randomUUID(), command })));
      await pause(random.between(100, 600));
    }
  }

  private async untilAnswered(batch: readonly Sent[]): Promise<void> {
    let left = batch;
    let giveUpAt: number | undefined;
    while (left.length > 0 && !this.abandoned) {
      const answered = await this.post(left);
      left = left.filter(({ id }) => !answered.has(id));
      if (left.length === 0) return;
      this.options.report.count('batches sent again');
      if (this.stopped) giveUpAt ??= performance.now() + patienceMs;
      if (giveUpAt !== undefined && performance.now() > giveUpAt) {
        this.options.report.finding(`${left.length} commands were never answered`);
        return;
      }
      await pause(200);
    }
  }

  /** Ids of the commands that were answered. */
  private async post(batch: readonly Sent[]): Promise<ReadonlySet<string>> {
    const answered = new Set<string>();
    try {
      const response = await fetch(`${this.options.url}/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: batch.map(({ id, command }) => JSON.stringify({ id, ...command.fields })).join('\n'),
        signal: AbortSignal.timeout(30_000),
      });
      for (const line of (await response.text()).split('\n')) this.take(batch, line, answered);
    } catch {
      // The service is away, or died under it: sent again.
    }
    return answered;
  }

  private take(batch: readonly Sent[], line: string, answered: Set<string>): void {
    const outcome = parsed(line);
    const sent = batch.find(({ id }) => id === outcome?.['id']);
    if (!outcome || !sent) return;
    answered.add(sent.id);
    const kind = String(outcome['outcome']);
    this.options.report.count(`commands ${kind}`);
    if (kind === 'invalid') this.options.report.finding(`a command was called invalid: ${line}`);
    if (kind !== 'accepted') return;
    const { entity, isRemoval } = sent.command;
    const version = Number(outcome['version']);
    if (version > (this.acknowledged.get(entity)?.version ?? 0))
      this.acknowledged.set(entity, { version, isRemoval });
  }
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value))
      : undefined;
  } catch {
    // A line cut off in the middle is no answer.
    return undefined;
  }
}
