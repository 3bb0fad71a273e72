import { FollowedStreams, GenerationRunner, type GenerationRunnerOptions } from '@reprise/builder';
import { generationName } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import type { FeedingReport, FeedingTask } from './feeding.js';
import { measuredView } from './views.js';

/** One builder process: joins the group at once, begins when it is told to, and says how far it is until its parent leaves. */
const reportMs = 20;

const task = JSON.parse(process.argv[2] ?? '') as FeedingTask;
const { view, open } = measuredView(task.view);
const connection = { brokers: task.brokers, registryUrl: task.registryUrl, clientId: 'reprise-bench' };
const store = open(task.at);
const { promise: told, resolve: begin } = Promise.withResolvers<undefined>();

function onFatal(reason: unknown): void {
  console.error(reason);
  process.exit(1);
}

function held(generation: GenerationStore<unknown>): GenerationStore<unknown> {
  const claim: GenerationStore<unknown>['claim'] = async (partition) => {
    await told;
    return generation.claim(partition);
  };
  return Object.assign(Object.create(generation) as GenerationStore<unknown>, { claim });
}

/** There is no poison in what is measured. */
const letters: GenerationRunnerOptions<unknown>['letters'] = {
  caughtUp: () => Promise.resolve(),
  find: () => undefined,
  unclosedOf: () => [],
  unclosedIn: () => [],
  requestFor: () => undefined,
  put: () => Promise.reject(new Error('a record was set aside')),
};

const joined = new FollowedStreams({
  view,
  connection,
  onAdvance: () => {
    runner.notify();
  },
  onUndecodable: onFatal,
  onTaken: () => undefined,
  onFatal,
});
const runner = new GenerationRunner({
  view,
  number: task.number,
  store: held(store.generation(generationName(view.name, task.number))),
  connection,
  joined,
  letters,
  clock: { nowMs: () => Date.now() },
  isFed: () => Promise.resolve(true),
  onFatal,
});
process.on('message', () => {
  begin(undefined);
});
process.on('disconnect', () => {
  process.exit(0);
});
await joined.start();
await runner.start();
await runner.seal();
setInterval(() => {
  const { recordsRead, partitions, visible } = runner.progress();
  const shown = [...(visible ?? [])].map(([id, offset]) => [id, String(offset)] as const);
  process.send?.({ recordsRead, partitions, visible: Object.fromEntries(shown) } satisfies FeedingReport);
}, reportMs);
