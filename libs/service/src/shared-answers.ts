/** Questions to something slower than those who ask: several who ask the same at once get one answer. */
export class SharedAnswers<Value> {
  private readonly underWay = new Map<string, Promise<Value>>();
  private readonly queued = new Map<string, Promise<Value>>();

  constructor(private readonly ask: (of: string) => Promise<Value>) {}

  /** The answer to a question that is under way, or is asked now. */
  any(of: string): Promise<Value> {
    return this.underWay.get(of) ?? this.begin(of);
  }

  /** The answer to a question that is asked after this call: it tells all that was so before. */
  fresh(of: string): Promise<Value> {
    const before = this.underWay.get(of);
    if (!before) return this.begin(of);
    const queued = this.queued.get(of);
    if (queued) return queued;
    const next = before.then(nothing, nothing).then(() => {
      this.queued.delete(of);
      return this.begin(of);
    });
    this.queued.set(of, next);
    return next;
  }

  private begin(of: string): Promise<Value> {
    const answer = this.ask(of).finally(() => {
      if (this.underWay.get(of) === answer) this.underWay.delete(of);
    });
    this.underWay.set(of, answer);
    return answer;
  }
}

function nothing(): void {
  // The next one is asked whatever became of it.
}
