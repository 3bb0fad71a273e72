export interface GroupsOptions<Request, Answer> {
  /** Executes all or nothing; the answers in the order of the requests. */
  readonly execute: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  /** Groups that are executed at the same time. */
  readonly atOnce: number;
  /** Requests in a group. */
  readonly most: number;
  /** Requests that wait; one more is refused. */
  readonly mostWaiting: number;
  /** What it is refused with. */
  readonly refusal: () => Error;
  /** True when a failure is everybody's, and not of a single request. */
  readonly isShared: (failure: unknown) => boolean;
}

interface Waiting<Request, Answer> {
  readonly request: Request;
  readonly answer: (answer: Answer) => void;
  readonly fail: (reason: unknown) => void;
}

/**
 * Requests that come while others are executed wait for a moment and are then executed together, as one execution costs about the
 * same for one and for many; one that finds nobody before it is executed at once. A request that cannot be executed
 * fails alone: its group is executed one by one. When more wait than can be answered soon, further ones are refused at once.
 */
export class Groups<Request, Answer> {
  private readonly waiting: Waiting<Request, Answer>[] = [];
  private underWay = 0;

  constructor(private readonly options: GroupsOptions<Request, Answer>) {}

  /** Requests that wait for their turn, and groups that are executed now. */
  get load(): { readonly waiting: number; readonly underWay: number } {
    return { waiting: this.waiting.length, underWay: this.underWay };
  }

  submit(request: Request): Promise<Answer> {
    const { mostWaiting, refusal } = this.options;
    if (this.waiting.length >= mostWaiting) return Promise.reject(refusal());
    return new Promise((answer, fail) => {
      this.waiting.push({ request, answer, fail });
      this.begin();
    });
  }

  private begin(): void {
    const { atOnce, most } = this.options;
    while (this.underWay < atOnce && this.waiting.length > 0) {
      this.underWay += 1;
      void this.execute(this.waiting.splice(0, most)).finally(() => {
        this.underWay -= 1;
        this.begin();
      });
    }
  }

  /** Never fails: whoever waits is told. */
  private async execute(group: readonly Waiting<Request, Answer>[]): Promise<void> {
    try {
      const answers = await this.options.execute(group.map(({ request }) => request));
      group.forEach(({ answer, fail }, place) => {
        const own = answers[place];
        if (own === undefined) fail(new RangeError('fewer answers than requests'));
        else answer(own);
      });
    } catch (failure) {
      if (group.length === 1 || this.options.isShared(failure)) for (const { fail } of group) fail(failure);
      else for (const one of group) await this.execute([one]);
    }
  }
}
