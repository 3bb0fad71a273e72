import { setTimeout as pause } from 'node:timers/promises';
import { hasReached, type Positions } from '@reprise/kernel';
import { LogAdmin } from '@reprise/log';
import { generationName } from '@reprise/view';
import type { Run } from '../results.js';
import type { Session } from '../session.js';
import { contentOf, type Content } from '../topic/checksum.js';
import { openStore, urlOf } from '../views/stores.js';
import { BenchPlatform, type MeasuredView } from './bench-platform.js';
import { rowsOf } from './stored-rows.js';

const pollMs = 50;
/** The first generation of a view goes live by itself. */
const firstGeneration = 1;

/** Makes generations live while their topic is still empty; what is written then is taken in as it is in life. */
export async function goLive(session: Session, views: readonly MeasuredView[]): Promise<void> {
  const platform = await BenchPlatform.start(
    session,
    views.map((view) => ({ ...view, builders: 1 })),
  );
  try {
    for (const { name } of views)
      while (!(await platform.control.generations(name)).some(({ status }) => status === 'live')) {
        session.stop.throwIfAborted();
        await pause(pollMs);
      }
  } finally {
    await platform.stop();
  }
}

/**
 * What the builders of a live generation take in once they are back: from the first records that readers see to the moment
 * that they see all.
 */
export async function catchUp(session: Session, view: MeasuredView): Promise<Run & { content: Content }> {
  const store = openStore(view.store, urlOf(view.store, session.engines.connections));
  const generation = store.generation(generationName(view.name, firstGeneration));
  const ends = await endsOf(session, view.topic);
  const platform = await BenchPlatform.start(session, [view]);
  try {
    const shown = (): Promise<Positions> => generation.positions();
    const first = await until(session, shown, (positions) => sum(positions) > 0n);
    const began = performance.now();
    await until(session, shown, (positions) => hasReached(positions, ends));
    const seconds = (performance.now() - began) / 1_000;
    const peakMiB = platform.memory().map((process) => process.peakMiB());
    const content = await contentOf(rowsOf(generation.contents()));
    return { records: Number(sum(ends) - sum(first)), seconds, phases: {}, peakMiB, content };
  } finally {
    await platform.stop();
    await generation.drop();
    await store.stop();
  }
}

async function until<Seen>(
  { stop }: Session,
  look: () => Promise<Seen>,
  isIt: (seen: Seen) => boolean,
): Promise<Seen> {
  for (;;) {
    stop.throwIfAborted();
    const seen = await look();
    if (isIt(seen)) return seen;
    await pause(pollMs);
  }
}

async function endsOf({ engines }: Session, topic: string): Promise<Positions> {
  const admin = new LogAdmin(engines.log);
  const ends = await admin.endOffsets([topic]);
  await admin.stop();
  return ends;
}

function sum(positions: Positions): bigint {
  return [...positions.values()].reduce((total, offset) => total + offset, 0n);
}
