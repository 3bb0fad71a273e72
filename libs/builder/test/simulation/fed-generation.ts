import type { DeadLetter, RedriveRequest } from '@reprise/contracts';
import { hasReached, type Positions } from '@reprise/kernel';
import type { GenerationStore } from '@reprise/view-store';
import { isSuperseded, isUnclosed } from '../../src/letters/letter.js';
import { actualLines, expectedLines } from './expected.js';
import { allPartitions, Instance, type InstanceOptions, type ToldLetter } from './instance.js';
import { pick } from './pick.js';
import type { Scheduler } from './scheduler.js';
import { referencePartition, type SimRow, type World } from './world.js';

export interface FedGenerationOptions {
  readonly number: number;
  readonly store: GenerationStore<SimRow>;
  readonly world: World;
  readonly scheduler: Scheduler;
  readonly fails: InstanceOptions['fails'];
}

/** A generation with its letters, the processes that feed it, and the coordinator that shares its partitions among them. */
export class FedGeneration {
  readonly letters: ToldLetter[] = [];
  private readonly requests: RedriveRequest[] = [];
  private readonly processes: Instance[] = [];
  /** By the group's coordinator; processes hear of it later. */
  private assignment = new Map<string, Instance>();

  constructor(private readonly options: FedGenerationOptions) {
    this.rebalance();
  }

  get store(): GenerationStore<SimRow> {
    return this.options.store;
  }

  /** What ended a process by its own fault; empty for none. */
  get fatal(): readonly unknown[] {
    return this.processes.flatMap(({ fatal }) => fatal);
  }

  /** The coordinator gives each partition to a living process, which has not heard of it yet. */
  rebalance(): void {
    while (this.processes.filter(({ alive }) => alive).length < 2) this.launch();
    const living = this.processes.filter(({ alive }) => alive);
    this.assignment = new Map(allPartitions.map((id) => [id, pick(this.random, living)]));
  }

  tellSomeone(): void {
    this.tellAssignment(pick(this.random, this.processes));
  }

  tellEveryone(): void {
    for (const one of this.processes) this.tellAssignment(one);
  }

  kill(): void {
    const [dead] = this.processes.splice(this.random.below(this.processes.length), 1);
    dead?.kill();
    this.rebalance();
  }

  goOn(): void {
    const one = pick(this.random, this.processes);
    const chance = this.random.next();
    if (chance < 0.5) void one.fetch(pick(this.random, allPartitions));
    else if (chance < 0.75) one.readOn();
    else void one.tick();
  }

  tick(): void {
    for (const one of this.processes) void one.tick();
  }

  unclosed(): readonly DeadLetter[] {
    const newest = new Map(this.letters.map((told) => [told.letter.letterId, told]));
    return [...newest.values()].flatMap(({ letter, isErased }) =>
      isUnclosed(letter) && !isErased ? [letter] : [],
    );
  }

  /** As an operator who does not tire of it. */
  redriveAll(): void {
    for (const { letterId, view, generation } of this.unclosed()) {
      const asked = this.requests.some((request) => request.letterId === letterId);
      if (asked && !this.random.chance(0.02)) continue;
      this.requests.push({
        requestId: String(this.requests.length + 1),
        letterId,
        view,
        generation,
        action: 'redrive',
        reason: null,
        requestedAt: 0,
        actor: 'simulation',
      });
    }
  }

  /** Nothing is under way, and everything is read. */
  async isAtRest(): Promise<boolean> {
    if (!this.processes.every(({ quiet, hasReadAll }) => quiet && hasReadAll)) return false;
    return hasReached(await this.store.settle(), endsOf(this.options.world));
  }

  /** A letter whose entity moved on without it closes itself. */
  async expectNoSupersededLetters(): Promise<void> {
    const unclosed = this.unclosed();
    const held = await this.store.contributed([...new Set(unclosed.map(({ key }) => key))]);
    for (const letter of unclosed)
      if (isSuperseded(letter, held.get(letter.key)?.version ?? 0))
        throw new Error(`${letter.letterId} is ${letter.status}, though the view holds something newer`);
  }

  /** @throws Error that shows both. */
  async expectWhatTheLogSays(): Promise<void> {
    const { world, number } = this.options;
    const [expected, actual] = [expectedLines(world), await actualLines(this.store)];
    if (JSON.stringify(expected) === JSON.stringify(actual)) return;
    throw new Error(
      `generation ${number} is not what the log says (${world.kind})\nexpected ${expected.join('\n  ')}\nactual ${actual.join('\n  ')}`,
    );
  }

  /** For whoever looks why there is no rest. */
  async standing(): Promise<string> {
    const { number, world } = this.options;
    const written = (positions: Positions): string =>
      [...positions].map(([id, offset]) => `${id}:${offset}`).join();
    const letters = this.unclosed().map(
      ({ letterId, status, code, cause }) => `${letterId} ${status} ${code} ${cause}`,
    );
    const processes = this.processes.map(
      (one) => `${one.quiet ? 'quiet' : 'busy'}${one.hasReadAll ? '' : ' behind'} ${one.standing()}`,
    );
    const positions = written(await this.store.positions());
    return `generation ${number} at ${positions} of ${written(endsOf(world))}, ${processes.join()}, letters: ${letters.join('; ')}`;
  }

  private get random() {
    return this.options.scheduler.random;
  }

  private tellAssignment(one: Instance): void {
    one.assign(allPartitions.filter((id) => this.assignment.get(id) === one));
  }

  private launch(): void {
    const { letters, requests } = this;
    const tell = (written: readonly ToldLetter[]): void => {
      letters.push(...written);
    };
    this.processes.push(new Instance({ ...this.options, letters, requests, tell }));
  }
}

/** All that there is to read. */
export function endsOf(world: World): Positions {
  const ends = new Map(world.endPositions());
  if (world.kind === 'states') ends.set(referencePartition, BigInt(world.names.length));
  return ends;
}
