import { setTimeout as pause } from 'node:timers/promises';
import { hasReached } from '@reprise/kernel';
import { LogAdmin } from '@reprise/log';
import type { ViewStore } from '@reprise/view-store';
import type { Run } from '../results.js';
import type { Session } from '../session.js';
import { contentOf, type Content } from '../topic/checksum.js';
import type { FlightRow } from '../views/row.js';
import { openStore, urlOf } from '../views/stores.js';
import { BenchPlatform, type MeasuredView } from './bench-platform.js';
import type { GenerationAnswer } from './control-client.js';
import { rowsOf } from './stored-rows.js';
import { phasesOf, type StatusChange } from './phases.js';

const pollMs = 500;
const shownLimitMs = 60_000;

/** Rebuilds one view again and again, beside its live generation, by processes that stay the same. */
export class ViewRebuilder {
  private readonly store: ViewStore<FlightRow>;

  private constructor(
    private readonly session: Session,
    private readonly view: MeasuredView,
    private readonly platform: BenchPlatform,
  ) {
    this.store = openStore(view.store, urlOf(view.store, session.engines.connections));
  }

  /** Ready when the first generation, which nobody measures, is live. */
  static async start(session: Session, view: MeasuredView): Promise<ViewRebuilder> {
    const platform = await BenchPlatform.start(session, [view]);
    const rebuilder = new ViewRebuilder(session, view, platform);
    try {
      await rebuilder.until(async () =>
        (await platform.control.generations(view.name)).find(({ status }) => status === 'live'),
      );
      return rebuilder;
    } catch (failure) {
      await rebuilder.stop();
      throw failure;
    }
  }

  /** From the command to `ready`, without the time in which it was verified. */
  async run(): Promise<Run & { content: Content }> {
    const { control } = this.platform;
    const memory = this.platform.memory();
    for (const process of memory) process.reset();
    const { name, number } = await control.rebuild(this.view.name);
    const changes = await this.follow(number);
    const peakMiB = memory.map((process) => process.peakMiB());
    const { seconds, phases } = phasesOf(changes);
    const { records, content } = await this.check(name);
    await control.retire(this.view.name, number);
    await this.until(async () => (await control.generation(this.view.name, number)).dropped || undefined);
    return { records, seconds, phases, peakMiB, content };
  }

  /** What it held goes too: the next view begins on an empty store. */
  async stop(): Promise<void> {
    const generations = await this.platform.control.generations(this.view.name).catch(() => []);
    await this.platform.stop();
    for (const { name } of generations) await this.store.generation(name).drop();
    await this.store.stop();
  }

  private follow(number: number): Promise<readonly StatusChange[]> {
    const changes: StatusChange[] = [];
    return this.until(async () => {
      const told = await this.platform.control.generation(this.view.name, number);
      requireUnfailed(told);
      const { status, startedAt, statusSince } = told;
      if (changes.length === 0) changes.push({ status: 'building', sinceMs: startedAt });
      if (changes.at(-1)?.status !== status) changes.push({ status, sinceMs: statusSince });
      return status === 'ready' ? changes : undefined;
    });
  }

  private async check(generation: string): Promise<{ records: number; content: Content }> {
    const admin = new LogAdmin(this.session.engines.log);
    const ends = await admin.endOffsets([this.view.topic]);
    await admin.stop();
    const stored = this.store.generation(generation);
    const giveUpAt = performance.now() + shownLimitMs;
    while (!hasReached(await stored.positions(), ends)) {
      if (performance.now() > giveUpAt)
        throw new Error(`${generation} is ready, but does not show all there is`);
      await pause(pollMs);
    }
    const records = Number([...ends.values()].reduce((sum, end) => sum + end, 0n));
    return { records, content: await contentOf(rowsOf(stored.contents())) };
  }

  private async until<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
    for (;;) {
      this.session.stop.throwIfAborted();
      const found = await look();
      if (found !== undefined) return found;
      await pause(pollMs);
    }
  }
}

function requireUnfailed({ name, status, reason }: GenerationAnswer): void {
  if (status === 'failed' || status === 'retired')
    throw new Error(`${name} is ${status}: ${reason ?? 'no reason told'}`);
}
