import { setImmediate as eventLoop } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { MemoryGeneration } from '@reprise/view-store';
import { simulatedLoads } from '../../test/simulation/loads.js';
import { World, type SimRow, type Thing } from '../../test/simulation/world.js';
import { FeedTally } from '../measuring/feed-tally.js';
import type { LoadOutcome } from './partition-loader.js';

const [partition, other] = ['events/0', 'events/1'];
const thing: Omit<Thing, 'version' | 'key'> = { shelf: 's', size: 1, name: 'n', isPoison: false };

/** A generation that is to be loaded, and whoever does it. */
class Setting {
  readonly tally = new FeedTally();
  readonly world = new World('states', false, false);
  readonly store = new MemoryGeneration<SimRow>();
  /** Done each time that somebody waits. */
  meanwhile: () => Promise<void> = () => Promise.resolve();
  private readonly loads = simulatedLoads({
    world: this.world,
    store: this.store,
    joined: {
      lookUp: () => null,
      positions: () => new Map(),
      changedSince: () => [],
      caughtUp: () => Promise.resolve(),
    },
    isCurrent: () => true,
    turn: () => this.meanwhile(),
    tally: this.tally,
  });

  constructor() {
    for (const key of ['a', 'b', 'a', 'c', 'a']) this.world.append(partition, key, thing);
  }

  async load(id: string): Promise<LoadOutcome> {
    await this.store.open([partition, other], { load: true });
    return this.loads(await this.store.claim(id));
  }

  async loadBoth(): Promise<LoadOutcome> {
    const [outcome] = await Promise.all([this.load(partition), this.load(other)]);
    return outcome;
  }
}

describe('the load of a partition', () => {
  test('writes each entity once, and ends where the log did when it began', async () => {
    const setting = new Setting();
    const { claim, unclear } = await setting.loadBoth();
    expect(claim).toMatchObject({ nextOffset: 5n, loadedTo: 5n, loading: '' });
    expect(unclear).toEqual(new Set());
    expect(setting.tally.entitiesApplied).toBe(3);
  });

  test('that leaves an entity unclear is read again, and keeps where it ended', async () => {
    const setting = new Setting();
    setting.world.append(partition, 'b', 'undecodable');
    const { claim, unclear } = await setting.loadBoth();
    expect(claim).toMatchObject({ nextOffset: 0n, loadedTo: 6n, loading: '' });
    expect(unclear).toEqual(new Set(['b']));
    expect(await setting.store.mayShow()).toEqual(
      new Map([
        [partition, 6n],
        [other, 0n],
      ]),
    );
  });

  test('is made again when the store lost it while others are not done', async () => {
    const setting = new Setting();
    let [losses, turns] = [0, 0];
    setting.meanwhile = async () => {
      await eventLoop();
      turns += 1;
      if (turns > 1_000) throw new Error('it is waited for, for ever');
      if (losses > 0 || (await setting.store.finishLoad()).includes(partition)) return;
      losses += 1;
      await setting.store.drop();
      await setting.store.open([partition, other], { load: true });
    };
    const loading = setting.load(partition);
    await expect(loading).rejects.toMatchObject({ code: 'load-interrupted', decision: 'retry' });
  });
});
