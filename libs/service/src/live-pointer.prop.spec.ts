import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LivePointer } from './live-pointer.js';

type Action =
  { readonly kind: 'apply' | 'advance' | 'want'; readonly generation: string } | { readonly kind: 'read' };

interface Step {
  readonly action: Action;
  /** How many of the things under way happen before the next action. */
  readonly happenings: number;
}

interface Seen {
  readonly began: number;
  readonly ended: number;
  readonly place: number;
}

const generation = fc.constantFrom('g1', 'g2', 'g3');
const steps = fc.array(
  fc.record<Step>({
    action: fc.oneof<fc.MaybeWeightedArbitrary<Action>[]>(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constantFrom('apply' as const, 'advance' as const), generation }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('want' as const), generation }) },
      { weight: 4, arbitrary: fc.constant({ kind: 'read' as const }) },
    ),
    happenings: fc.nat({ max: 4 }),
  }),
  { minLength: 20, maxLength: 60 },
);

/** Readers see what is applied once it is shown. */
class Store {
  private readonly newest = new Map<string, bigint>();
  private readonly visible = new Map<string, bigint>();

  apply(generation: string): void {
    this.newest.set(generation, this.applied(generation) + 1n);
  }

  advance(generation: string): void {
    this.apply(generation);
    this.show(generation);
  }

  show(generation: string): void {
    this.visible.set(generation, this.applied(generation));
  }

  applied(generation: string): bigint {
    return this.newest.get(generation) ?? 0n;
  }

  shown(generation: string): bigint {
    return this.visible.get(generation) ?? 0n;
  }
}

/** Plays the steps; whatever takes time ends when the scheduler says, time limits included. */
async function readsOf(scheduler: fc.Scheduler, played: readonly Step[]): Promise<Seen[]> {
  const store = new Store();
  const seen: Seen[] = [];
  let moment = 0;
  const awhile = (): Promise<void> => scheduler.schedule(Promise.resolve());
  const told = async (tell: () => bigint): Promise<Map<string, bigint>> => {
    await awhile();
    const positions = new Map([['t/0', tell()]]);
    await awhile();
    return positions;
  };
  const positions = (asked: string) => told(() => store.shown(asked));
  const settled = async (asked: string) => {
    const shown = await told(() => store.applied(asked));
    store.show(asked);
    await awhile();
    return shown;
  };
  const pointer = new LivePointer({
    source: { positions, settled, mayShow: positions },
    pause: awhile,
    nowMs: () => moment,
    maxHoldMs: 1_000,
    isGone: () => false,
    maxGoneMs: 0,
    onSwitch: () => undefined,
    onTrouble: (reason) => {
      throw reason;
    },
  });
  const read = async (): Promise<void> => {
    moment += 1;
    const began = moment;
    const answer = await pointer.read(async (asked) => {
      await awhile();
      const place = store.shown(asked);
      await awhile();
      return Number(place);
    });
    moment += 1;
    if (answer) seen.push({ began, ended: moment, place: answer.result });
  };
  const happen = async (): Promise<void> => {
    if (scheduler.count() > 0) await scheduler.waitNext(1);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const reads: Promise<void>[] = [];
  for (const { action, happenings } of played) {
    if (action.kind === 'read') reads.push(read());
    else if (action.kind === 'want') pointer.want(action.generation);
    else store[action.kind](action.generation);
    for (let happened = 0; happened < happenings; happened += 1) await happen();
  }
  pointer.stop();
  do await happen();
  while (scheduler.count() > 0);
  await Promise.all(reads);
  return seen;
}

test('who reads after somebody has read never sees less, whatever the order in which things happen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), steps, async (scheduler, played) => {
      const seen = await readsOf(scheduler, played);
      for (const later of seen) {
        for (const earlier of seen) {
          if (earlier.ended < later.began) expect(later.place).toBeGreaterThanOrEqual(earlier.place);
        }
      }
    }),
    // Reads that are told what they have seen while a switch is under way show themselves once in a thousand.
    { numRuns: 6_000 },
  );
}, 120_000);
