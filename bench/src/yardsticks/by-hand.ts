import type { Recorder } from '../recorder.js';
import type { Session } from '../session.js';
import type { BenchTopic } from '../topic/topic-shelf.js';
import type { Store } from '../views/stores.js';
import type { ClientVariant } from './read-topic.js';
import { runYardstick } from './run-yardstick.js';

const variants: readonly {
  readonly wanted: string;
  readonly what: string;
  readonly client: ClientVariant;
}[] = [
  { wanted: 'hand-written', what: 'hand-written consumer', client: 'published' },
  { wanted: 'hand-written-patched', what: 'hand-written consumer, patched kafkajs', client: 'patched' },
];

/** The hand-written consumer, with each of its clients. */
export async function byHand(
  { options, engines, stop }: Session,
  recorder: Recorder,
  { store, topic }: { store: Store; topic: BenchTopic },
): Promise<void> {
  const task = { connections: engines.connections, topic: topic.contract.topic, store };
  for (const { wanted, what, client } of variants)
    if (options.isWanted(wanted))
      await recorder.measure({ what, store, topic }, () =>
        runYardstick({ ...task, yardstick: 'hand-written', client }, stop),
      );
}
