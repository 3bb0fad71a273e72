import { describe, expect, test } from '@jest/globals';
import { MemoryGeneration } from '@reprise/view-store';
import { viewOf, World, type SimRow, type Thing } from '../../test/simulation/world.js';
import { Feeder } from '../feeding/feeder.js';
import { Letters } from '../letters/letter-book.js';
import { FeedTally } from './feed-tally.js';

const partition = 'events/0';
const thing: Omit<Thing, 'version' | 'key'> = { shelf: 's', size: 1, name: 'n', isPoison: false };

class Setting {
  readonly tally = new FeedTally();
  readonly world: World;
  private readonly store = new MemoryGeneration<SimRow>();
  private readonly feeder: Feeder<SimRow>;
  private fed = 0;

  constructor(kind: 'states' | 'history') {
    this.world = new World(kind, false, false);
    const letters = new Letters();
    this.feeder = new Feeder<SimRow>({
      view: viewOf(this.world),
      number: 1,
      store: this.store,
      decode: async (value) => this.world.decode(value),
      decodeFact: async (value) => this.world.decode(value),
      describe: async () => null,
      joined: {
        lookUp: () => null,
        positions: () => new Map(),
        changedSince: () => [],
        caughtUp: async () => undefined,
      },
      letters: {
        caughtUp: async () => undefined,
        find: (id) => letters.find(id),
        hasAny: () => false,
        lettersOf: () => [],
        unclosedOf: (of, key) => letters.unclosedOf(of, key),
        unclosedIn: (of) => letters.unclosedIn(of),
        erase: () => Promise.resolve(),
        requestFor: () => undefined,
        put: async (written) => {
          for (const letter of written) letters.take(letter);
        },
      },
      clock: { nowMs: () => 0 },
      tally: this.tally,
    });
  }

  async open(): Promise<this> {
    await this.store.open([partition]);
    await this.feeder.claim(partition);
    return this;
  }

  /** All that was told since the last time, as one chunk. */
  async feed(timestampMs = 7): Promise<void> {
    const told = this.world.logs.get(partition) ?? [];
    const records = told.slice(this.fed).map((record) => ({ ...record, timestampMs }));
    this.fed = told.length;
    const nextOffset = this.world.ends.get(partition) ?? 0n;
    const chunk = { partition, records, nextOffset, endOffset: nextOffset };
    expect(await this.feeder.apply(chunk)).toBe('applied');
  }
}

describe('what became of the records that were read', () => {
  test('of a chunk each entity counts once, what is older is superseded, what cannot be read is set aside', async () => {
    const setting = await new Setting('states').open();
    const { world, tally } = setting;
    for (let time = 0; time < 3; time += 1) world.append(partition, 'a', thing);
    world.append(partition, 'b', thing);
    world.append(partition, 'c', 'undecodable');
    await setting.feed();
    expect(tally).toMatchObject({ superseded: 2, setAside: 1, entitiesApplied: 2 });
    expect(tally.newestMs(partition)).toBe(7);
  });

  test('what comes again behind newer ones is superseded by what the store holds', async () => {
    const setting = await new Setting('states').open();
    setting.world.append(partition, 'a', thing);
    setting.world.append(partition, 'a', thing);
    await setting.feed(9);
    setting.world.goBack(partition, () => 0);
    await setting.feed(8);
    expect(setting.tally).toMatchObject({ superseded: 2, setAside: 0, entitiesApplied: 1 });
    expect(setting.tally.newestMs(partition)).toBe(9);
  });

  test('a history view passes over no event', async () => {
    const setting = await new Setting('history').open();
    setting.world.append(partition, 'a', thing);
    setting.world.append(partition, 'a', thing);
    await setting.feed();
    expect(setting.tally).toMatchObject({ superseded: 0, setAside: 0, entitiesApplied: 1 });
  });
});
