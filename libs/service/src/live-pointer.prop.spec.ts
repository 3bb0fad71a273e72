import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LivePointer } from './live-pointer.js';

type Action = { readonly kind: 'advance' | 'want'; readonly generation: string } | { readonly kind: 'read' };

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
    action: fc.oneof<[fc.Arbitrary<Action>, fc.Arbitrary<Action>, fc.Arbitrary<Action>]>(
      fc.record({ kind: fc.constantFrom('advance' as const), generation }),
      fc.record({ kind: fc.constantFrom('want' as const), generation }),
      fc.constant({ kind: 'read' as const }),
    ),
    happenings: fc.nat({ max: 6 }),
  }),
  { minLength: 5, maxLength: 40 },
);

/** Plays the steps; whatever takes time ends when the scheduler says, time limits included. */
async function readsOf(scheduler: fc.Scheduler, played: readonly Step[]): Promise<Seen[]> {
  const places = new Map<string, bigint>();
  const seen: Seen[] = [];
  let moment = 0;
  const awhile = (): Promise<void> => scheduler.schedule(Promise.resolve());
  const positions = async (asked: string): Promise<Map<string, bigint>> => {
    await awhile();
    const shown = new Map([['t/0', places.get(asked) ?? 0n]]);
    await awhile();
    return shown;
  };
  const pointer = new LivePointer({
    source: { positions, settled: positions, mayShow: positions },
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
      const place = places.get(asked) ?? 0n;
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
    else places.set(action.generation, (places.get(action.generation) ?? 0n) + 1n);
    for (let happened = 0; happened < happenings; happened += 1) await happen();
  }
  pointer.stop();
  while (scheduler.count() > 0) await happen();
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
    { numRuns: 1_000 },
  );
}, 60_000);
