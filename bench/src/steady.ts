import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { hasReached, type Positions } from '@reprise/kernel';
import { LogAdmin } from '@reprise/log';
import { consumerGroup, generationName } from '@reprise/view';
import type { FeedingReport, FeedingTask } from './feeding.js';
import { measuredView } from './views.js';

/** A generation number that no platform comes to. */
const number = 900_000_001;

/**
 * What builders of a view take in when its generation is as a live one, with all that readers need: seconds from the first
 * records to the moment that readers see everything that the log held.
 */
export async function steady(
  task: Omit<FeedingTask, 'number'>,
  builders: number,
): Promise<{ records: number; seconds: number }> {
  const { view, open } = measuredView(task.view);
  const store = open(task.at);
  const admin = new LogAdmin({
    brokers: task.brokers,
    registryUrl: task.registryUrl,
    clientId: 'reprise-bench',
  });
  const generation = store.generation(generationName(view.name, number));
  const children: ChildProcess[] = [];
  try {
    await generation.drop();
    const ends = await admin.endOffsets([view.source.topic]);
    await generation.open([...ends.keys()]);
    await generation.seal();
    const reports = new Map<ChildProcess, FeedingReport>();
    for (let started = 0; started < builders; started += 1)
      children.push(begin({ ...task, number }, (child, report) => reports.set(child, report)));
    const all = (): FeedingReport[] => [...reports.values()];
    await until(children, () => all().some(({ recordsRead }) => recordsRead > 0));
    const began = performance.now();
    await until(children, () => all().some(({ visible }) => hasReached(positionsOf(visible), ends)));
    const seconds = (performance.now() - began) / 1_000;
    if (all().filter(({ recordsRead }) => recordsRead > 0).length < builders)
      throw new Error(`${task.view}: some of ${builders} builders had nothing to do`);
    return { records: all().reduce((sum, { recordsRead }) => sum + recordsRead, 0), seconds };
  } finally {
    await Promise.all(children.map(end));
    await generation.drop();
    await admin.deleteGroup(consumerGroup(view.name, number));
    await admin.stop();
    await store.stop();
  }
}

function begin(
  task: FeedingTask,
  onReport: (child: ChildProcess, report: FeedingReport) => void,
): ChildProcess {
  const child = fork(join(import.meta.dirname, 'feeder.main.js'), [JSON.stringify(task)]);
  child.on('message', (report) => {
    onReport(child, report as FeedingReport);
  });
  return child;
}

function positionsOf(visible: FeedingReport['visible']): Positions {
  return new Map(Object.entries(visible).map(([id, offset]) => [id, BigInt(offset)]));
}

async function until(children: readonly ChildProcess[], isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    const dead = children.find(({ exitCode }) => exitCode !== null);
    if (dead) throw new Error(`a builder ended with ${String(dead.exitCode)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve();
    child.on('exit', () => {
      resolve();
    });
    if (child.connected) child.disconnect();
  });
}
