import type { RedriveRequest } from '@reprise/contracts';
import { hasReached } from '@reprise/kernel';
import { MemoryGeneration } from '@reprise/view-store';
import { isSuperseded, isUnclosed } from '../../src/letters/letter.js';
import { actualLines, expectedLines } from './expected.js';
import { allPartitions, Instance } from './instance.js';
import { Scheduler, Seeded } from './scheduler.js';
import { referencePartition, World, type SimRow, type Thing } from './world.js';

const faultySteps = 160;
const mostSteps = 20_000;
const keys = ['a', 'b', 'c', 'd'];

/**
 * One run of the whole engine under a seed: processes that are killed, sleep through a rebalance and wake up, records that
 * come again, compaction, a store whose answers get lost, references and letters that arrive late, poison that is healed.
 * Then all faults stop, everything comes to rest, and the view must be exactly what the log says.
 */
export class Simulation {
  private readonly random: Seeded;
  private readonly scheduler: Scheduler;
  private readonly world: World;
  private readonly store = new MemoryGeneration<SimRow>();
  private readonly instances: Instance[] = [];
  /** By the group's coordinator; processes hear of it later. */
  private assignment = new Map<string, Instance>();
  private isFaulty = true;
  private readonly isCompacted: boolean;
  private requests = 0;

  constructor(seed: number) {
    this.random = new Seeded(seed);
    this.scheduler = new Scheduler(this.random);
    this.world = new World(this.random.chance(0.35) ? 'history' : 'states');
    this.isCompacted = this.random.chance(0.5);
  }

  /** @throws Error saying what is wrong. */
  async run(): Promise<void> {
    await this.store.open(allPartitions);
    this.rebalance();
    for (let step = 0; step < faultySteps; step += 1) {
      this.disturb();
      await this.next();
    }
    await this.comeToRest();
    const [expected, actual] = [expectedLines(this.world), await actualLines(this.store)];
    if (JSON.stringify(expected) !== JSON.stringify(actual))
      throw new Error(
        `the view is not what the log says (${this.world.kind})\nexpected ${expected.join('\n  ')}\nactual ${actual.join('\n  ')}`,
      );
  }

  private async comeToRest(): Promise<void> {
    this.isFaulty = false;
    this.rebalance();
    for (const instance of this.instances) this.tellAssignment(instance);
    while (!(await this.isAtRest())) await this.goOnFor(() => undefined);
    for (const instance of this.instances) void instance.tick();
    while (!(await this.isAtRest())) await this.goOnFor(() => undefined);
    await this.expectNoSupersededLetters();
    this.world.isHealed = true;
    while (!(await this.isAtRest()) || this.unclosed().length > 0)
      await this.goOnFor(() => {
        if (this.random.chance(0.1)) this.redriveAll();
      });
  }

  private async goOnFor(operator: () => void): Promise<void> {
    if (this.scheduler.steps > mostSteps) throw new Error(await this.unrest());
    operator();
    this.goOn();
    await this.next();
  }

  /** A letter whose entity moved on without it closes itself. */
  private async expectNoSupersededLetters(): Promise<void> {
    const unclosed = this.unclosed();
    const held = await this.store.contributed(unclosed.map(({ key }) => key));
    for (const letter of unclosed)
      if (isSuperseded(letter, held.get(letter.key)?.version ?? 0))
        throw new Error(`${letter.letterId} is ${letter.status}, though the view holds something newer`);
  }

  private async unrest(): Promise<string> {
    const positions = [...(await this.store.positions())].map(([id, offset]) => `${id}:${offset}`);
    const ends = [...this.world.endPositions()].map(([id, offset]) => `${id}:${offset}`);
    const open = this.unclosed().map(
      ({ letterId, status, code, cause }) => `${letterId} ${status} ${code} ${cause}`,
    );
    const processes = this.instances.map(
      (one) => `${one.quiet ? 'quiet' : 'busy'}${one.hasReadAll ? '' : ' behind'} ${one.standing()}`,
    );
    return `no rest after ${mostSteps} steps (${this.world.kind}): at ${positions.join()} of ${ends.join()}, ${processes.join()}, ${this.world.names.length} names, ${this.scheduler.idle ? 'idle' : 'not idle'}, letters: ${open.join('; ')}`;
  }

  private async isAtRest(): Promise<boolean> {
    // What costs least first: this is asked after every step.
    if (!this.scheduler.idle || !this.instances.every(({ quiet, hasReadAll }) => quiet && hasReadAll))
      return false;
    const ends = new Map(this.world.endPositions());
    if (this.world.kind === 'states') ends.set(referencePartition, BigInt(this.world.names.length));
    return hasReached(await this.store.positions(), ends);
  }

  private async next(): Promise<void> {
    if (!this.scheduler.idle) await this.scheduler.step();
    else this.scheduler.steps += 1;
    for (const { fatal } of this.instances) if (fatal.length > 0) throw fatal[0];
  }

  /** Something happens in the world, or to a process. */
  private disturb(): void {
    const chance = this.random.next();
    if (chance < 0.25) this.write();
    else if (chance < 0.32) this.world.tellName(`n${this.random.below(3)}`, this.label());
    else if (chance < 0.36) this.world.repeat(this.pick(allPartitions));
    else if (chance < 0.38) this.compactOrGoBack();
    else if (chance < 0.41) this.rebalance();
    else if (chance < 0.45) this.tellAssignment(this.pick(this.instances));
    else if (chance < 0.46) this.kill();
    else this.goOn();
  }

  /**
   * A relay that woke up late may write an old state behind newer ones; compaction would then keep the old one, which no
   * reader can mend. So a world has the one or the other.
   */
  private compactOrGoBack(): void {
    if (this.world.kind === 'history' || this.isCompacted) this.compact();
    else this.world.goBack(this.pick(allPartitions), (bound) => this.random.below(bound));
  }

  private compact(): void {
    if (this.world.kind === 'states') this.world.compact(this.pick(allPartitions));
  }

  private goOn(): void {
    const instance = this.pick(this.instances);
    const chance = this.random.next();
    if (chance < 0.5) void instance.fetch(this.pick(allPartitions));
    else if (chance < 0.75) instance.readOn();
    else void instance.tick();
  }

  private write(): void {
    const key = this.pick(keys);
    const partition = allPartitions[keys.indexOf(key) % allPartitions.length] ?? '';
    this.world.append(partition, key, this.thing());
  }

  private thing(): Thing | 'undecodable' | null {
    if (this.world.kind === 'states' && this.random.chance(0.15)) return null;
    if (this.random.chance(0.06)) return 'undecodable';
    return {
      shelf: `s${this.random.below(3)}`,
      size: this.random.below(9) - 4,
      name: `n${this.random.below(3)}`,
      isPoison: this.random.chance(0.06),
    };
  }

  private label(): string | null {
    return this.random.chance(0.25) ? null : `label ${this.random.below(1_000)}`;
  }

  /** The coordinator gives each partition to a living process, which has not heard of it yet. */
  private rebalance(): void {
    while (this.instances.filter(({ alive }) => alive).length < 2) this.launch();
    const living = this.instances.filter(({ alive }) => alive);
    this.assignment = new Map(allPartitions.map((id) => [id, this.pick(living)]));
  }

  private tellAssignment(instance: Instance): void {
    instance.assign(allPartitions.filter((id) => this.assignment.get(id) === instance));
  }

  private launch(): void {
    const { world, scheduler, store, random } = this;
    const fails = (): 'no' | 'before' | 'after' => {
      if (!this.isFaulty || !random.chance(0.04)) return 'no';
      return random.chance(0.5) ? 'before' : 'after';
    };
    this.instances.push(new Instance({ world, scheduler, store, fails }));
  }

  private kill(): void {
    const place = this.random.below(this.instances.length);
    const [dead] = this.instances.splice(place, 1);
    dead?.kill();
    this.rebalance();
  }

  private redriveAll(): void {
    for (const { letterId, view, generation } of this.unclosed()) {
      const asked = this.world.requests.some((request) => request.letterId === letterId);
      if (asked && !this.random.chance(0.02)) continue;
      this.requests += 1;
      const request: RedriveRequest = {
        requestId: String(this.requests),
        letterId,
        view,
        generation,
        action: 'redrive',
        reason: null,
        requestedAt: 0,
        actor: 'simulation',
      };
      this.world.requests.push(request);
    }
  }

  private unclosed() {
    const newest = new Map(this.world.letters.map((letter) => [letter.letterId, letter]));
    return [...newest.values()].filter(isUnclosed);
  }

  private pick<Item>(items: readonly Item[]): Item {
    const item = items[this.random.below(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }
}
