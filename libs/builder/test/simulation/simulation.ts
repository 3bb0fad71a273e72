import type { GenerationStore } from '@reprise/view-store';
import { CrashingGeneration } from './crashing-generation.js';
import { FedGeneration } from './fed-generation.js';
import { allPartitions, type Fault } from './instance.js';
import { pick } from './pick.js';
import { Readers } from './readers.js';
import { Scheduler, Seeded } from './scheduler.js';
import { World, type SimRow, type Thing } from './world.js';

export interface SimulationOptions {
  readonly seed: number;
  /** A new generation of a store. */
  readonly makeStore: (number: number) => GenerationStore<SimRow>;
  /** Whether the store keeps groups. */
  readonly groups: boolean;
}

const faultySteps = 160;
const flipSteps = 300;
const mostSteps = 20_000;
/** While letters are put through. */
const mostLateCrashes = 3;
const keys = ['a', 'b', 'c', 'd'];

/**
 * One run of the whole engine under a seed: processes that are killed, sleep through a rebalance and wake up, records that
 * come again, compaction, a store whose answers get lost or that loses what it acknowledged last, references and letters
 * that arrive late, poison that is healed; in some worlds a second generation beside the first, and flips between the two
 * under readers. Then all faults stop, everything comes to rest, and every generation must be exactly what the log says.
 */
export class Simulation {
  private readonly random: Seeded;
  private readonly scheduler: Scheduler;
  private readonly world: World;
  private readonly generations = new Map<string, FedGeneration>();
  private readonly readers: Readers;
  private isFaulty = true;
  private readonly isCompacted: boolean;
  private readonly isRebuilt: boolean;
  /** Whether generations are loaded before they are fed. */
  private readonly isLoaded: boolean;

  constructor(private readonly options: SimulationOptions) {
    this.random = new Seeded(options.seed);
    this.scheduler = new Scheduler(this.random);
    this.world = new World(this.kind(), options.groups, this.random.chance(0.4));
    this.isCompacted = this.random.chance(0.5);
    this.isRebuilt = this.random.chance(0.15);
    this.isLoaded = this.world.kind === 'states' && this.random.chance(0.5);
    const { world, scheduler, generations } = this;
    this.readers = new Readers({ world, scheduler, generations });
  }

  /** @throws Error saying what is wrong. */
  async run(): Promise<void> {
    await this.begin(1);
    this.readers.want('g1');
    const rebuildAt = this.isRebuilt ? this.random.below(faultySteps) : undefined;
    for (let step = 0; step < faultySteps; step += 1) {
      if (step === rebuildAt) await this.begin(2);
      this.disturb();
      if (this.random.chance(0.02)) await this.crashStores();
      await this.next();
    }
    if (this.isRebuilt) await this.flipUnderReaders();
    await this.comeToRest();
    for (const generation of this.generations.values()) await generation.expectWhatTheLogSays();
  }

  private async begin(number: number): Promise<void> {
    const store = this.options.makeStore(number);
    await store.open(allPartitions, { load: this.isLoaded });
    const { world, scheduler, random } = this;
    const fails = (): Fault =>
      this.isFaulty && random.chance(0.07) ? pick(random, ['never', 'before', 'later']) : 'none';
    this.generations.set(`g${number}`, new FedGeneration({ number, store, world, scheduler, fails }));
  }

  /** The operator flips to and fro while commands come in; each process knows what it has to do, and gets on with it. */
  private async flipUnderReaders(): Promise<void> {
    for (const generation of this.generations.values()) generation.tellEveryone();
    for (let step = 0; step < flipSteps; step += 1) {
      const chance = this.random.next();
      if (chance < 0.06) this.write();
      else if (chance < 0.08) this.tellName();
      else if (chance < 0.25) this.readOrFlip();
      else this.anyGeneration().goOn();
      await this.next();
    }
  }

  /** Between two steps no call of a store is under way. Readers would have to remember what they were shown. */
  private async crashStores(): Promise<void> {
    if (this.isRebuilt) return;
    for (const { store } of this.generations.values())
      if (store instanceof CrashingGeneration) await store.crash(this.random);
  }

  private async comeToRest(): Promise<void> {
    const all = [...this.generations.values()];
    this.isFaulty = false;
    for (const generation of all) {
      if (this.random.chance(0.5)) generation.rebalance();
      generation.tellEveryone();
    }
    await this.goOnUntil(() => this.isAtRest());
    for (const generation of all) generation.tick();
    await this.goOnUntil(() => this.isAtRest());
    for (const generation of all) await generation.expectNoSupersededLetters();
    this.world.isHealed = true;
    const isDone = async (): Promise<boolean> =>
      all.every((generation) => generation.unclosed().length === 0) && (await this.isAtRest());
    let crashes = 0;
    await this.goOnUntil(isDone, async () => {
      if (this.random.chance(0.1)) for (const generation of all) generation.redriveAll();
      if (crashes === mostLateCrashes || !this.random.chance(0.03)) return;
      crashes += 1;
      await this.crashStores();
    });
  }

  private async goOnUntil(isSo: () => Promise<boolean>, others?: () => Promise<void>): Promise<void> {
    while (!(await isSo())) {
      if (this.scheduler.steps > mostSteps) throw new Error(await this.unrest());
      await others?.();
      this.anyGeneration().goOn();
      await this.next();
    }
  }

  /** What costs least is asked first: this is asked after every step. */
  private async isAtRest(): Promise<boolean> {
    if (!this.scheduler.idle || !this.readers.isThere) return false;
    for (const generation of this.generations.values()) if (!(await generation.isAtRest())) return false;
    return true;
  }

  private async unrest(): Promise<string> {
    const standing = await Promise.all([...this.generations.values()].map((one) => one.standing()));
    const { world, scheduler, readers } = this;
    return `no rest after ${mostSteps} steps (${world.kind}): ${standing.join('; ')}, ${world.names.length} names, ${scheduler.idle ? 'idle' : 'not idle'}, readers ${readers.isThere ? 'are' : 'are not'} where they are wanted`;
  }

  private async next(): Promise<void> {
    await this.scheduler.step();
    const wrong = [...this.generations.values()].flatMap(({ fatal }) => fatal);
    for (const failure of [...wrong, ...this.readers.wrong]) throw failure;
  }

  /** Something happens in the world, or to a process. */
  private disturb(): void {
    const chance = this.random.next();
    if (chance < 0.25) this.write();
    else if (chance < 0.32) this.tellName();
    else if (chance < 0.36) this.world.repeat(pick(this.random, allPartitions));
    else if (chance < 0.38) this.compactOrGoBack();
    else if (chance < 0.41) this.anyGeneration().rebalance();
    else if (chance < 0.45) this.anyGeneration().tellSomeone();
    else if (chance < 0.46) this.anyGeneration().kill();
    else if (chance < 0.56 && this.generations.size > 1) this.readOrFlip();
    else this.anyGeneration().goOn();
  }

  /** Readers tell old from new by what a state says of itself, which the fold of a history does not. */
  private readOrFlip(): void {
    if (this.random.chance(0.15)) this.readers.want(pick(this.random, [...this.generations.keys()]));
    else if (this.world.kind === 'states') void this.readers.read();
  }

  /**
   * A relay that woke up late may write an old state behind newer ones; compaction would then keep the old one, which no
   * reader can mend. So a world has the one or the other.
   */
  private compactOrGoBack(): void {
    if (this.world.kind === 'history') return;
    if (this.isCompacted) this.world.compact(pick(this.random, allPartitions));
    else this.world.goBack(pick(this.random, allPartitions), (bound) => this.random.below(bound));
  }

  private kind(): World['kind'] {
    if (!this.random.chance(0.45)) return 'states';
    return this.random.chance(0.5) ? 'history' : 'erased';
  }

  private tellName(): void {
    this.world.tellName(`n${this.random.below(3)}`, this.random.chance(0.25));
  }

  private write(): void {
    const key = pick(this.random, keys);
    const partition = allPartitions[keys.indexOf(key) % allPartitions.length] ?? '';
    if (this.world.kind === 'erased' && this.random.chance(0.15)) this.world.erase(partition, key);
    else this.world.append(partition, key, this.thing());
  }

  private thing(): Omit<Thing, 'version' | 'key'> | 'undecodable' | null {
    if (this.world.kind === 'states' && this.random.chance(0.15)) return null;
    if (this.random.chance(0.06)) return 'undecodable';
    return {
      shelf: `s${this.random.below(3)}`,
      size: this.random.below(9) - 4,
      name: `n${this.random.below(3)}`,
      isPoison: this.random.chance(0.06),
    };
  }

  private anyGeneration(): FedGeneration {
    return pick(this.random, [...this.generations.values()]);
  }
}
