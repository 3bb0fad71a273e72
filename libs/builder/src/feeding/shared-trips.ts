import { callsFor } from '@reprise/kernel';
import type { Contributed } from '@reprise/view';
import type { ApplyOutcome, Claim, DependentsQuery, GenerationStore, ViewBatch } from '@reprise/view-store';

/** What a feeder asks of a generation. */
export type FeedStore<Row> = Pick<
  GenerationStore<Row>,
  'claim' | 'contributed' | 'dependents' | 'apply' | 'applyUnread'
>;

/** Entities for which partitions share a trip, at most: a batch of more is worth one of its own. */
const mostEntities = 1_000;

/**
 * Lets partitions share their trips to the store: what they ask for at the same time is asked for once. A fetch brings a few
 * records of each partition while a stream is quiet, and a transaction of one record costs nearly as much as one of a hundred.
 * One partition's batches never meet here: it waits for each before the next.
 */
export class SharedTrips<Row> implements FeedStore<Row> {
  private readonly readings: Gathering<readonly string[], ReadonlyMap<string, Contributed>>;
  private readonly batches: Gathering<ViewBatch<Row>, ApplyOutcome>;

  /** @param soon Resolves when those who ask at the same time have asked. */
  constructor(
    private readonly store: FeedStore<Row> & Pick<GenerationStore<Row>, 'applyTogether'>,
    soon: () => Promise<void> = nextRound,
  ) {
    this.readings = new Gathering({
      soon,
      sizeOf: (entities) => entities.length,
      answer: async (asked) => {
        const found = await store.contributed(asked.flat());
        return asked.map((entities) => Promise.resolve(asked.length === 1 ? found : partOf(found, entities)));
      },
    });
    this.batches = new Gathering({
      soon,
      sizeOf: ({ contributed }) => contributed.size,
      answer: (asked) => this.applyTogether(asked),
    });
  }

  claim(partition: string): Promise<Claim> {
    return this.store.claim(partition);
  }

  dependents(query: DependentsQuery): AsyncIterable<readonly string[]> {
    return this.store.dependents(query);
  }

  contributed(entities: readonly string[]): Promise<ReadonlyMap<string, Contributed>> {
    return this.readings.ask(entities);
  }

  apply(batch: ViewBatch<Row>): Promise<ApplyOutcome> {
    return this.batches.ask(batch);
  }

  /** A trip for each: what is not read first is not waited for in between. */
  applyUnread(batch: ViewBatch<Row>): Promise<ApplyOutcome | 'read-first'> {
    return this.store.applyUnread(batch);
  }

  /** Where the store refuses what one of them holds, each is tried alone, so that only that one hears of it. */
  private async applyTogether(batches: readonly ViewBatch<Row>[]): Promise<Promise<ApplyOutcome>[]> {
    try {
      const outcomes = await this.store.applyTogether(batches);
      return outcomes.map((outcome) => Promise.resolve(outcome));
    } catch (failure) {
      if (batches.length === 1 || !callsFor(failure, 'set-aside')) throw failure;
      return batches.map((batch) => this.store.apply(batch));
    }
  }
}

interface GatheringOptions<Asked, Answer> {
  readonly soon: () => Promise<void>;
  readonly sizeOf: (asked: Asked) => number;
  /** An answer to each, in their order; what it fails with goes to all. */
  readonly answer: (asked: readonly Asked[]) => Promise<readonly Promise<Answer>[]>;
}

interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly resolve: (answer: Promise<Answer>) => void;
  readonly reject: (failure: unknown) => void;
}

/** Questions that are asked at the same time, answered in one go. */
class Gathering<Asked, Answer> {
  private waiting: Waiting<Asked, Answer>[] = [];

  constructor(private readonly options: GatheringOptions<Asked, Answer>) {}

  ask(asked: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ asked, resolve, reject });
      if (this.waiting.length === 1) void this.options.soon().then(() => this.answerAll());
    });
  }

  private async answerAll(): Promise<void> {
    const waiting = this.waiting.splice(0);
    await Promise.all(this.shared(waiting).map((group) => this.answer(group)));
  }

  private async answer(group: readonly Waiting<Asked, Answer>[]): Promise<void> {
    try {
      const answers = await this.options.answer(group.map(({ asked }) => asked));
      group.forEach(({ resolve, reject }, place) => {
        const answer = answers[place];
        if (answer) resolve(answer);
        else reject(new Error(`no answer to ${place + 1} of ${group.length} questions`));
      });
    } catch (failure) {
      for (const { reject } of group) reject(failure);
    }
  }

  private shared(waiting: readonly Waiting<Asked, Answer>[]): Waiting<Asked, Answer>[][] {
    const groups: Waiting<Asked, Answer>[][] = [];
    let size = 0;
    for (const one of waiting) {
      const added = this.options.sizeOf(one.asked);
      const last = groups.at(-1);
      if (last && size + added <= mostEntities) {
        last.push(one);
        size += added;
      } else {
        groups.push([one]);
        size = added;
      }
    }
    return groups;
  }
}

function partOf<Value>(
  found: ReadonlyMap<string, Value>,
  keys: readonly string[],
): ReadonlyMap<string, Value> {
  return new Map(
    keys.flatMap((key) => {
      const value = found.get(key);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** When everything that is ready to run has run. */
function nextRound(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
