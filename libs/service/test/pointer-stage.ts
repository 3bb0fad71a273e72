import type { Positions } from '@reprise/kernel';
import { LivePointer } from '../src/live-pointer.js';

export const maxHoldMs = 1_000;
export const maxGoneMs = 3_000;
/** What a store says of a generation that it does not have. */
export const gone = new Error('gone');

/** Time that passes only when the test says so, and generations whose positions the test sets. */
export class Stage {
  readonly switches: { from: string | undefined; to: string }[] = [];
  readonly troubles: unknown[] = [];
  readonly shown = new Map<string, bigint | Error>();
  /** What is applied, but shown only once somebody settles it. */
  readonly applied = new Map<string, bigint>();
  /** How often something was settled. */
  settled = 0;
  /** How often a store was asked for positions. */
  asked = 0;
  /** Generations that were dropped. */
  readonly gone = new Set<string>();
  /** The log's end. */
  end = 0n;
  /** A generation whose store does not answer. */
  silent: string | undefined;
  /** How long a store's answer, true when it was asked, is under way. */
  answersAfterMs = 0;
  private nowMs = 0;
  private sleepers: { atMs: number; wake: () => void }[] = [];

  readonly pointer = new LivePointer({
    source: {
      positions: (generation) =>
        this.gone.has(generation) ? Promise.resolve(undefined) : this.positions(generation),
      settled: (generation) => {
        this.settled += 1;
        const applied = this.applied.get(generation);
        if (applied !== undefined) this.shown.set(generation, applied);
        return this.gone.has(generation) ? Promise.resolve(undefined) : this.positions(generation);
      },
      mayShow: (generation) =>
        this.gone.has(generation)
          ? Promise.resolve(new Map([['t/0', this.end]]))
          : this.positions(generation),
    },
    pause: (durationMs) => this.pause(durationMs),
    nowMs: () => this.nowMs,
    maxHoldMs,
    isGone: (failure) => failure === gone,
    maxGoneMs,
    onSwitch: ({ from, to }) => this.switches.push({ from, to }),
    onTrouble: (reason) => this.troubles.push(reason),
  });

  /** Lets this much time pass, and everything happen that is due. */
  async pass(durationMs: number): Promise<void> {
    const untilMs = this.nowMs + durationMs;
    await settled();
    for (let next = this.nextSleeper(untilMs); next; next = this.nextSleeper(untilMs)) {
      this.nowMs = next.atMs;
      this.sleepers = this.sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
      await settled();
    }
    this.nowMs = untilMs;
  }

  private nextSleeper(untilMs: number) {
    return this.sleepers
      .filter(({ atMs }) => atMs <= untilMs)
      .sort((left, right) => left.atMs - right.atMs)[0];
  }

  private pause(durationMs: number): Promise<void> {
    const { promise, resolve: wake } = Promise.withResolvers<undefined>();
    this.sleepers.push({
      atMs: this.nowMs + durationMs,
      wake: () => {
        wake(undefined);
      },
    });
    return promise;
  }

  private async positions(generation: string): Promise<Positions> {
    this.asked += 1;
    if (generation === this.silent) return new Promise(() => undefined);
    const shown = this.shown.get(generation) ?? 0n;
    if (this.answersAfterMs > 0) await this.pause(this.answersAfterMs);
    if (shown instanceof Error) throw shown;
    return new Map([['t/0', shown]]);
  }
}

/** All promise callbacks have run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A read that ends when the test says so. */
export function slowRead(pointer: LivePointer) {
  const { promise, resolve } = Promise.withResolvers<string>();
  const state = {
    /** The generation that it was asked of last. */
    began: undefined as string | undefined,
    /** All that it was asked of. */
    asked: [] as string[],
    answer: undefined as string | undefined,
  };
  void pointer
    .read((generation) => {
      state.began = generation;
      state.asked.push(generation);
      return promise;
    })
    .then((read) => {
      state.answer = read?.generation;
    });
  return {
    state,
    end: () => {
      resolve('done');
    },
  };
}

export async function serving(generation: string): Promise<Stage> {
  const stage = new Stage();
  stage.pointer.want(generation);
  await stage.pass(0);
  return stage;
}

/** A switch to g2 that waits until that shows more, with a read of g1 in flight. */
export async function switchHeldUp() {
  const stage = await serving('g1');
  stage.shown.set('g1', 5n).set('g2', 4n);
  const early = slowRead(stage.pointer);
  stage.pointer.want('g2');
  await stage.pass(20);
  return { stage, early };
}

/** A switch from g1 to g2 that was made, with two reads of g1 still in flight. */
export async function switchMade() {
  const stage = await serving('g1');
  stage.shown.set('g1', 5n).set('g2', 5n);
  const [early, other] = [slowRead(stage.pointer), slowRead(stage.pointer)];
  stage.pointer.want('g2');
  await stage.pass(0);
  return { stage, early, other };
}
