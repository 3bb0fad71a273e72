import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.js';
import type { Report } from './report.js';

export interface RebuildOptions {
  /** Base address of the control plane. */
  readonly url: string;
  readonly views: readonly string[];
  readonly random: Random;
  readonly report: Report;
}

interface Generation {
  readonly number: number;
  readonly status: string;
}

/** Elasticsearch may be killed in the middle, and takes up to two minutes to come back on a small machine. */
const readyLimitMs = 300_000;

/** Rebuilds one view after another, flips to it, sometimes back, and retires what is left over. */
export class Rebuilds {
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(private readonly options: RebuildOptions) {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  private async run(): Promise<void> {
    const { random, views } = this.options;
    while (!this.stopped) {
      await pause(random.between(500, 3_000));
      if (!this.isStopped()) await this.rebuild(random.pick(views));
    }
  }

  private isStopped(): boolean {
    return this.stopped;
  }

  private async rebuild(view: string): Promise<void> {
    const { random, report } = this.options;
    const [autoFlip, isRolledBack] = [random.chance(0.5), random.chance(0.4)];
    await this.retireStandbys(view);
    const begun = await this.ask('POST', `/views/${view}/rebuilds`, { autoFlip });
    if (begun === undefined) return;
    const { number } = generationOf(begun);
    report.count('rebuilds');
    report.note(`rebuild ${view}: generation ${number}`);
    if (!autoFlip && !(await this.until(view, number, 'ready'))) return;
    if (!(await this.until(view, number, 'live'))) return;
    report.count('flips');
    report.note(`flip ${view} to ${number}`);
    if (isRolledBack && (await this.ask('POST', `/views/${view}/rollback`)) !== undefined) {
      report.count('rollbacks');
      report.note(`rollback ${view}`);
    }
  }

  /** All but the live one: a view should not pile up generations. */
  private async retireStandbys(view: string): Promise<void> {
    for (const { number, status } of await this.generations(view))
      if (status === 'standby' || status === 'ready') {
        const retired = await this.ask('POST', `/views/${view}/generations/${number}/retire`);
        if (retired === undefined) continue;
        this.options.report.count('retired');
        this.options.report.note(`retire ${view}: generation ${number}`);
      }
  }

  /** False when the run ends before, or when it is not to be: that is a finding. */
  private async until(view: string, number: number, wanted: 'ready' | 'live'): Promise<boolean> {
    const giveUpAt = performance.now() + readyLimitMs;
    let status = 'not told';
    while (performance.now() < giveUpAt && status !== 'failed') {
      const found = (await this.generations(view)).find((generation) => generation.number === number);
      status = found?.status ?? status;
      if (status === wanted) return true;
      if (this.stopped) return false;
      // Asked again when its answer was lost.
      if (wanted === 'live' && status === 'ready')
        await this.ask('POST', `/views/${view}/generations/${number}/flip`);
      await pause(500);
    }
    this.options.report.finding(`generation ${number} of ${view} is ${status}, not ${wanted}`);
    return false;
  }

  private async generations(view: string): Promise<readonly Generation[]> {
    const answer = await this.ask('GET', `/views/${view}/generations`);
    return Array.isArray(answer) ? answer.map(generationOf) : [];
  }

  /** Undefined when it was refused, or nobody answered: the control plane is broken now and then too. */
  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    try {
      const response = await fetch(`${this.options.url}${path}`, {
        method,
        signal: AbortSignal.timeout(20_000),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      return response.ok ? JSON.parse(text) : undefined;
    } catch {
      return undefined;
    }
  }
}

function generationOf(told: unknown): Generation {
  const fields = Object.fromEntries(Object.entries(told ?? {}));
  return { number: Number(fields['number']), status: String(fields['status']) };
}
