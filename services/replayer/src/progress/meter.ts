/** Commands per second over the last few seconds. */
export class Meter {
  private readonly marks: { readonly atMs: number; readonly total: number }[];

  constructor(
    private readonly nowMs: () => number,
    private readonly windowMs = 10_000,
  ) {
    this.marks = [{ atMs: nowMs(), total: 0 }];
  }

  /** @returns the rate, given how many there are in all by now. */
  mark(total: number): number {
    const atMs = this.nowMs();
    this.marks.push({ atMs, total });
    while (this.marks.length > 2 && (this.marks[1]?.atMs ?? atMs) < atMs - this.windowMs) this.marks.shift();
    const oldest = this.marks[0];
    return oldest && atMs > oldest.atMs ? ((total - oldest.total) * 1_000) / (atMs - oldest.atMs) : 0;
  }
}
