/** Batches that are read first after as many trials that failed in a row. */
const longestRest = 64;

/**
 * When to try again whether a partition's batches can be applied without reading first. A trial that fails is a trip in vain,
 * so each in a row makes the rest before the next one twice as long.
 */
export class UnreadTrials {
  private readonly rests = new Map<string, { length: number; left: number }>();

  /** Asked once for every batch. */
  isDue(partition: string): boolean {
    const rest = this.rests.get(partition);
    if (!rest || rest.left === 0) return true;
    rest.left -= 1;
    return false;
  }

  note(partition: string, hasSucceeded: boolean): void {
    if (hasSucceeded) {
      this.rests.delete(partition);
      return;
    }
    const length = Math.min(longestRest, 2 * (this.rests.get(partition)?.length ?? 1));
    this.rests.set(partition, { length, left: length });
  }
}
