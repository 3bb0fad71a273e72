import { catchUp, goLive } from './platform/catch-up.js';
import type { MeasuredView } from './platform/bench-platform.js';
import { Recorder } from './recorder.js';
import type { Session } from './session.js';
import type { BenchTopic } from './topic/topic-shelf.js';
import { stores, type Store } from './views/stores.js';
import { byHand } from './yardsticks/by-hand.js';

const builderCounts = [1, 2];
/** A year is a minute's work for the slowest; every run takes it in once. */
const years = 1;

/**
 * What the builders of live generations take in, beside a hand-written consumer on the same topic. Every run has a view of
 * its own, which went live before anything was written.
 */
export async function steady(session: Session): Promise<void> {
  const { options, shelf } = session;
  const recorder = new Recorder(session, 'steady');
  const wanted = stores.filter(options.isWanted);
  const contract = await shelf.empty('bench.flight.steady');
  const views = new Map(wanted.map((store) => [store, viewsOf(session, store, contract.topic)]));
  if (options.isWanted('reprise')) for (const [, all] of views) await goLive(session, all);
  const topic = await shelf.fill(contract, 'time-order', years);
  for (const [store, all] of views) {
    await byHand(session, recorder, { store, topic });
    if (options.isWanted('reprise')) await ofReprise(session, recorder, { store, topic, all });
  }
  recorder.print();
}

function viewsOf({ options }: Session, store: Store, topic: string): MeasuredView[] {
  return builderCounts.flatMap((builders) =>
    Array.from({ length: options.runs }, (_, run) => ({
      name: `bench-${store}-${builders}-builders-${run + 1}`,
      topic,
      store,
      builders,
    })),
  );
}

async function ofReprise(
  session: Session,
  recorder: Recorder,
  { store, topic, all }: { store: Store; topic: BenchTopic; all: readonly MeasuredView[] },
): Promise<void> {
  for (const builders of builderCounts) {
    const views = all.filter((view) => view.builders === builders).values();
    const what = `Reprise, ${builders} builder${builders > 1 ? 's' : ''}`;
    await recorder.measure({ what, store, topic }, () => {
      const { value } = views.next();
      if (!value) throw new RangeError('more runs than views');
      return catchUp(session, value);
    });
  }
}
