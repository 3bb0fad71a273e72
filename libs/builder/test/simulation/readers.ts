import { LivePointer } from '@reprise/service';
import { endsOf, type FedGeneration } from './fed-generation.js';
import type { Scheduler } from './scheduler.js';
import type { SimRow, World } from './world.js';

export interface ReadersOptions {
  readonly world: World;
  readonly scheduler: Scheduler;
  /** By name. */
  readonly generations: ReadonlyMap<string, FedGeneration>;
}

/** What the pointer takes a turn for. */
const turnMs = 10;

/** What a reader sees: the newest version of each entity, and the newest label of each name on it. */
type Sight = ReadonlyMap<string, number>;

/**
 * A query service and those who ask it, while the operator flips to and fro: who reads after somebody has read must not
 * see anything older. Entities of which a generation has set something aside are left out: they stand still on purpose.
 */
export class Readers {
  /** What somebody has seen in vain. */
  readonly wrong: Error[] = [];
  private readonly pointer: LivePointer;
  private readonly seen = new Map<string, number>();
  private wanted = '';

  constructor(private readonly options: ReadersOptions) {
    const { scheduler, world } = options;
    const turn = (): Promise<void> => scheduler.turn(this);
    this.pointer = new LivePointer({
      source: {
        positions: async (name) => {
          await turn();
          return scheduler.during(this.store(name).positions());
        },
        settled: async (name) => {
          await turn();
          return scheduler.during(this.store(name).settle());
        },
        mayShow: async (name) => {
          await turn();
          const ends = endsOf(world);
          const bounded = await scheduler.during(this.store(name).mayShow());
          await turn();
          return new Map([...ends, ...(bounded ?? [])]);
        },
      },
      pause: async (durationMs) => {
        for (let passedMs = 0; passedMs < durationMs; passedMs += turnMs) await turn();
      },
      nowMs: () => 0,
      maxHoldMs: 40 * turnMs,
      isGone: () => false,
      maxGoneMs: 0,
      onSwitch: () => undefined,
      onTrouble: (reason) => {
        this.wrong.push(new Error('the pointer is in trouble', { cause: reason }));
      },
    });
  }

  want(name: string): void {
    this.wanted = name;
    this.pointer.want(name);
  }

  /** The generation that is wanted answers. */
  get isThere(): boolean {
    return this.pointer.generation === this.wanted;
  }

  async read(): Promise<void> {
    const before = new Map(this.seen);
    const answer = await this.pointer.read(async (name) => {
      await this.options.scheduler.turn(this);
      const sight = await this.options.scheduler.during(this.look(name));
      await this.options.scheduler.turn(this);
      return sight;
    });
    if (!answer) return;
    const aside = this.entitiesSetAside();
    for (const [id, version] of before) {
      const now = answer.result.get(id);
      if (now !== undefined && now < version && !aside.has(id.split('|')[0] ?? ''))
        this.wrong.push(new Error(`${id} went back from ${version} to ${now} in ${answer.generation}`));
      // An entity that is gone had a newer version that said so: it comes back with a newer one, or never.
      if (now === undefined && !id.includes('|')) this.note(id, Math.floor(version) + 0.5);
    }
    for (const [id, version] of answer.result) this.note(id, version);
  }

  private note(id: string, version: number): void {
    this.seen.set(id, Math.max(version, this.seen.get(id) ?? 0));
  }

  private async look(name: string): Promise<Sight> {
    const sight = new Map<string, number>();
    for await (const item of this.store(name).contents()) {
      if (item.kind !== 'row') continue;
      for (const [id, version] of sighted(item.entity, item.row))
        sight.set(id, Math.max(version, sight.get(id) ?? 0));
    }
    return sight;
  }

  private entitiesSetAside(): ReadonlySet<string> {
    const letters = [...this.options.generations.values()].flatMap((one) => one.letters);
    return new Set(letters.map(({ letter }) => letter.key));
  }

  private store(name: string) {
    const generation = this.options.generations.get(name);
    if (!generation) throw new RangeError(`no generation ${name}`);
    return generation.store;
  }
}

function sighted(entity: string, { version, label }: SimRow): [string, number][] {
  const [name, told] = label?.split(':') ?? [];
  return [
    [entity, version],
    ...(told === undefined ? [] : [[`${entity}|${name}`, Number(told)] as [string, number]]),
  ];
}
