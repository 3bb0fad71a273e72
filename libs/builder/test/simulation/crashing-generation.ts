import type { ApplyOutcome, Claim, LoadBatch, ViewBatch } from '@reprise/view-store';
import { MemoryGeneration } from '@reprise/view-store';
import type { Seeded } from './scheduler.js';
import type { SimRow } from './world.js';

/**
 * A store whose server may crash and lose what it acknowledged last, from the newest backwards, but nothing that had to last and
 * nothing before that.
 */
export class CrashingGeneration extends MemoryGeneration<SimRow> {
  /** What was done to it, in this order. */
  private readonly journal: (() => Promise<unknown>)[] = [];
  /** How much of it no crash undoes. */
  private lasting = 0;
  private opened: Parameters<MemoryGeneration<SimRow>['open']> = [[]];

  override open(...opened: Parameters<MemoryGeneration<SimRow>['open']>): Promise<void> {
    this.opened = opened;
    return super.open(...opened);
  }

  override claim(partition: string): Promise<Claim> {
    this.journal.push(() => super.claim(partition));
    this.lasting = this.journal.length;
    return super.claim(partition);
  }

  override async apply(batch: ViewBatch<SimRow>): Promise<ApplyOutcome> {
    const outcome = await super.apply(batch);
    if (outcome === 'fenced') return outcome;
    this.journal.push(() => super.apply(batch));
    if (batch.mustLast) this.lasting = this.journal.length;
    return outcome;
  }

  override async load(batch: LoadBatch<SimRow>): Promise<ApplyOutcome> {
    const outcome = await super.load(batch);
    if (outcome === 'applied') this.journal.push(() => super.load(batch));
    return outcome;
  }

  async crash(random: Seeded): Promise<void> {
    this.journal.length = this.lasting + random.below(this.journal.length - this.lasting + 1);
    await this.drop();
    await super.open(...this.opened);
    for (const again of this.journal) await again();
  }
}
