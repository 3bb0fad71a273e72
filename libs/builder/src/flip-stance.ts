import type { Positions } from '@reprise/kernel';
import { Stillness } from './stillness.js';

/**
 * What a generation does about a flip that comes: the live one keeps still, so that readers are shown no more of it, and the
 * other approaches that. Both end by themselves.
 */
export class FlipStance {
  isLive = false;
  private readonly stillness: Stillness;
  private approachingUntilMs = 0;
  private restingUntilMs = 0;

  /** @param onStep There is something that whoever flips waits for. */
  constructor(
    private readonly onStep: () => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.stillness = new Stillness(onStep);
  }

  get phase(): 'still' | 'approaching' | undefined {
    if (this.stillness.isStill) return 'still';
    return this.nowMs() < this.approachingUntilMs ? 'approaching' : undefined;
  }

  /** Its positions are those that readers see, and not those that are applied. */
  get tellsWhatShows(): boolean {
    return this.isLive ? this.phase !== 'still' : this.phase === 'approaching';
  }

  /**
   * Nothing more is made visible of it: that takes the processor from readers who go over to it, and what they miss they make
   * visible themselves. It is worked on.
   */
  get isResting(): boolean {
    return this.nowMs() < this.restingUntilMs;
  }

  prepare(mostMs: number): void {
    this.restingUntilMs = 0;
    if (this.isLive) {
      this.stillness.begin(mostMs);
      return;
    }
    this.stillness.end();
    this.approachingUntilMs = this.nowMs() + mostMs;
    this.onStep();
  }

  /** The flip was made: all goes on, of the one that was live after so long; as long the other rests. */
  end(waitMs: number): void {
    if (this.phase === 'approaching') this.restingUntilMs = this.nowMs() + waitMs;
    this.approachingUntilMs = 0;
    this.stillness.endIn(waitMs);
  }

  stop(): void {
    this.stillness.end();
  }

  /** Does what changes the generation, or what readers see of it, as soon as that may be. */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.stillness.run(work);
  }
}

/** What readers see of the live generation's partitions that are fed here, if it keeps still. */
export function heldStill(
  live:
    | {
        readonly phase: string;
        readonly partitions: readonly string[];
        readonly reached: Positions | undefined;
      }
    | undefined,
): Positions | undefined {
  if (live?.phase !== 'still') return undefined;
  return new Map(live.partitions.map((id) => [id, live.reached?.get(id) ?? 0n]));
}

/** True when readers see of these partitions all that the generation held still has; false where that is not known of one. */
export function showsAllOf(
  still: Positions,
  { visible, partitions }: { visible: Positions | undefined; partitions: readonly string[] },
): boolean {
  return partitions.every((id) => {
    const wanted = still.get(id);
    return wanted !== undefined && (visible?.get(id) ?? 0n) >= wanted;
  });
}
