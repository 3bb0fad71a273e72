/** Keeps a generation as it is for a moment. `moving` → `stopping`, while work is under way → `still` → `moving`. */
export class Stillness {
  private underWay = 0;
  private over: PromiseWithResolvers<undefined> | undefined;
  private ending: NodeJS.Timeout | undefined;

  /** @param onStill Told as soon as nothing is under way any more. */
  constructor(private readonly onStill: () => void) {}

  get isStill(): boolean {
    return this.over !== undefined && this.underWay === 0;
  }

  /** Nothing new begins for so long, milliseconds, unless that is ended before. */
  begin(mostMs: number): void {
    this.over ??= Promise.withResolvers();
    this.endIn(mostMs);
    if (this.isStill) this.onStill();
  }

  endIn(waitMs: number): void {
    clearTimeout(this.ending);
    this.ending = setTimeout(() => {
      this.end();
    }, waitMs);
  }

  end(): void {
    clearTimeout(this.ending);
    this.over?.resolve(undefined);
    this.over = undefined;
  }

  /** Does what changes the generation, or what readers see of it, once that may be. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.over) await this.over.promise;
    this.underWay += 1;
    try {
      return await work();
    } finally {
      this.underWay -= 1;
      if (this.isStill) this.onStill();
    }
  }
}
