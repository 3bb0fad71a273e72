import { FollowedStreams, GenerationRunner, type GenerationRunnerOptions } from '@reprise/builder';
import { generationName } from '@reprise/view';
import type { FeedingReport, FeedingTask } from './feeding.js';
import { measuredView } from './views.js';

/** One builder process: says how far it is, until its parent leaves. */
const reportMs = 20;

const task = JSON.parse(process.argv[2] ?? '') as FeedingTask;
const { view, open } = measuredView(task.view);
const connection = { brokers: task.brokers, registryUrl: task.registryUrl, clientId: 'reprise-bench' };
const store = open(task.at);

function onFatal(reason: unknown): void {
  console.error(reason);
  process.exit(1);
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
  store: store.generation(generationName(view.name, task.number)),
  connection,
  joined,
  letters,
  clock: { nowMs: () => Date.now() },
  isFed: () => Promise.resolve(true),
  onFatal,
});
process.on('disconnect', () => {
  void stop();
});

/** The group is left, so that it can be deleted. */
async function stop(): Promise<void> {
  clearInterval(reporting);
  await runner.stop();
  await joined.stop();
  process.exit(0);
}

await joined.start();
await runner.start();
await runner.seal();
const reporting = setInterval(() => {
  const { recordsRead, visible } = runner.progress();
  const shown = [...(visible ?? [])].map(([id, offset]) => [id, String(offset)] as const);
  process.send?.({ recordsRead, visible: Object.fromEntries(shown) } satisfies FeedingReport);
}, reportMs);
