/** The least time between two settles, milliseconds. */
const leastMs = 100;
/** Settling takes from a store like Elasticsearch what its readers need: a quarter of the time is enough. */
const timesAsLong = 3;
/** And a tenth where nearly nobody reads. */
const timesAsLongIfNotLive = 9;
/** Readers of a slow store, or after many references changed, wait long enough. */
const mostMs = 1_000;

/** The least and the most between two settles of one that is far behind: what it shows is old anyway. */
const leastFarBehindMs = 2_000;
const mostFarBehindMs = 5_000;

/** How long to rest after work that took so long, milliseconds: several times as long, but beyond a second only as long. */
export function restAfter(tookMs: number, { isLive }: { isLive: boolean }): number {
  const times = isLive ? timesAsLong : timesAsLongIfNotLive;
  return Math.max(leastMs, Math.min(times * tookMs, Math.max(mostMs, tookMs)));
}

/** The same between two settles of one that is far behind: each makes a store like Elasticsearch merge what it wrote once more. */
export function restFarBehind(tookMs: number): number {
  const most = Math.max(mostFarBehindMs, tookMs);
  return Math.max(leastFarBehindMs, Math.min(timesAsLongIfNotLive * tookMs, most));
}

/**
 * So often it is looked where the store stands, also when nothing is new: one that lost its last second tells nobody, and the
 * next record may be a day away.
 */
const lookMs = 2_000;

/** When a generation was last settled, how long that took, and so when it is due again. */
export class SettleTimes {
  private endedAtMs = 0;
  private tookMs = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** @param of Whether something was applied since, loads ended that others wait to see, and much waits to be applied. */
  isDue(of: { unsettled: boolean; hasLoaded: boolean; isFarBehind: boolean }): boolean {
    const sinceMs = this.nowMs() - this.endedAtMs;
    if (!of.unsettled && sinceMs < lookMs) return false;
    return of.hasLoaded || !of.isFarBehind || sinceMs >= restFarBehind(this.tookMs);
  }

  async measure(settle: () => Promise<void>): Promise<void> {
    const beganMs = this.nowMs();
    await settle();
    this.endedAtMs = this.nowMs();
    this.tookMs = this.endedAtMs - beganMs;
  }
}
