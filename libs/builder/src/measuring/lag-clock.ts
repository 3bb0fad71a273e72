interface Sighting {
  readonly atMs: number;
  readonly end: bigint;
}

/** Beyond it those that are close together are forgotten: what is told is then wrong by a 128th of the whole time. */
const mostSightings = 512;

/**
 * For how long records of one partition wait. Offsets tell how many do; since when is told by when the log's end was first
 * seen beyond them. A record that was there before anybody looked is at least as new as the newest that was applied.
 */
export class LagClock {
  /** With growing ends, oldest first; each is the first sighting of its end. What came before the first of them nobody knows. */
  private sightings: Sighting[] = [];

  see(end: bigint, atMs: number): void {
    if (end <= (this.sightings.at(-1)?.end ?? -1n)) return;
    this.sightings.push({ atMs, end });
    if (this.sightings.length > mostSightings) this.thin();
  }

  /** Nobody asks for what is below any more; the last sighting there is kept, as it tells that later ones are news. */
  forget(below: bigint): void {
    const last = this.sightings.findLastIndex(({ end }) => end <= below);
    if (last > 0) this.sightings.splice(0, last);
  }

  /**
   * Milliseconds since the record at `nextOffset` came; 0 when there is none, as far as was seen.
   * @param newestAppliedMs Time of the newest record that was applied, epoch milliseconds; undefined when none was.
   */
  waitingMs(nextOffset: bigint, newestAppliedMs: number | undefined, nowMs: number): number {
    const place = this.sightings.findIndex(({ end }) => end > nextOffset);
    const came = this.sightings[place];
    if (!came) return 0;
    // The first end that is known may have been there for long.
    const sinceMs = place === 0 ? Math.min(newestAppliedMs ?? came.atMs, came.atMs) : came.atMs;
    return Math.max(0, nowMs - sinceMs);
  }

  private thin(): void {
    const [oldest, newest] = [this.sightings[0]?.atMs ?? 0, this.sightings.at(-1)?.atMs ?? 0];
    const gapMs = ((newest - oldest) * 2) / mostSightings;
    let keptAtMs = -Infinity;
    this.sightings = this.sightings.filter(({ atMs }) => {
      if (atMs - keptAtMs < gapMs) return false;
      keptAtMs = atMs;
      return true;
    });
  }
}
