/** Lets work on one partition follow one another; partitions do not wait for each other. */
export class Turns {
  private readonly ends = new Map<string, Promise<unknown>>();

  /** Runs `work` when all that was handed in before for this partition is over, however it ended. */
  take<Result>(partition: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.ends.get(partition) ?? Promise.resolve();
    const result = before.then(work, work);
    const end = result.catch(() => undefined);
    this.ends.set(partition, end);
    return result;
  }
}
