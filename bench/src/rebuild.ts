import { runConnect } from './peers/connect.js';
import { runStreams } from './peers/streams.js';
import { ViewRebuilder } from './platform/rebuild-view.js';
import { Recorder } from './recorder.js';
import { yardstickOfAll } from './results.js';
import type { Session } from './session.js';
import { orders } from './topic/orders.js';
import type { BenchTopic } from './topic/topic-shelf.js';
import { byHand } from './yardsticks/by-hand.js';
import { runYardstick } from './yardsticks/run-yardstick.js';
import { stores, type Store } from './views/stores.js';

/** How fast views are rebuilt from nothing, beside what others do with the same topic. */
export async function rebuild(session: Session): Promise<void> {
  const { options, shelf } = session;
  const recorder = new Recorder(session, 'rebuild');
  for (const order of orders.filter(options.isWanted)) {
    const topic = await shelf.topic(order, options.years);
    await readings(session, recorder, topic);
    for (const store of stores.filter(options.isWanted)) await intoStore(session, recorder, { topic, store });
  }
  recorder.print();
}

async function readings(session: Session, recorder: Recorder, topic: BenchTopic): Promise<void> {
  const { options, engines, stop } = session;
  const { connections } = engines;
  for (const yardstick of ['read', 'read-and-decode'] as const)
    if (options.isWanted(yardstick))
      await recorder.measure({ what: yardstick.replaceAll('-', ' '), store: undefined, topic }, () =>
        runYardstick({ connections, topic: topic.contract.topic, yardstick }, stop),
      );
  if (options.isWanted('streams'))
    await recorder.measure({ what: 'Kafka Streams, GlobalKTable', store: undefined, topic }, () =>
      runStreams(session, topic),
    );
}

async function intoStore(
  session: Session,
  recorder: Recorder,
  { topic, store }: { topic: BenchTopic; store: Store },
): Promise<void> {
  const { options, engines, stop } = session;
  const { connections } = engines;
  const task = { connections, topic: topic.contract.topic, store };
  if (options.isWanted('straight-line'))
    await recorder.measure({ what: yardstickOfAll, store, topic }, () =>
      runYardstick({ ...task, yardstick: 'straight-line' }, stop),
    );
  await byHand(session, recorder, { topic, store });
  if (store === 'postgres' && options.isWanted('connect'))
    await recorder.measure({ what: 'Kafka Connect, Debezium JDBC sink', store, topic }, () =>
      runConnect(session, topic),
    );
  if (options.isWanted('reprise')) await ofReprise(session, recorder, { topic, store });
}

async function ofReprise(
  session: Session,
  recorder: Recorder,
  { topic, store }: { topic: BenchTopic; store: Store },
): Promise<void> {
  const view = {
    name: `bench-${store}-${topic.order}`,
    topic: topic.contract.topic,
    store,
    builders: session.options.builders,
  };
  const rebuilder = await ViewRebuilder.start(session, view);
  try {
    await recorder.measure({ what: 'Reprise', store, topic }, () => rebuilder.run());
  } finally {
    await rebuilder.stop();
  }
}
