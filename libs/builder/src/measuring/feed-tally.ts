/** What became of the records that one process read for one generation. */
export class FeedTally {
  /** Records that were not applied, as a newer one of their entity was in the same chunk, or in the store. */
  superseded = 0;
  /** Records that were set aside, a repeated reading included. */
  setAside = 0;
  /** Entities written: once for all their records of a chunk or a load, and again when something that they join changed. */
  entitiesApplied = 0;
  private readonly newest = new Map<string, number>();

  /** Time of the newest record applied, by `topic/partition`; epoch milliseconds, as the broker has it. */
  newestMs(partition: string): number | undefined {
    return this.newest.get(partition);
  }

  appliedUpTo(partition: string, timestampMs: number | undefined): void {
    if (timestampMs !== undefined && timestampMs > (this.newest.get(partition) ?? 0))
      this.newest.set(partition, timestampMs);
  }
}
