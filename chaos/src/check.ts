import { setTimeout as pause } from 'node:timers/promises';
import { catalogue } from '@reprise/contracts';
import { hasReached } from '@reprise/kernel';
import { LogAdmin, StreamTail, type LogConnection } from '@reprise/log';
import { generationName, isFed, parseStatus, type AnyView } from '@reprise/view';
import type { GenerationStore, StoredItem, ViewStore } from '@reprise/view-store';
import {
  canonical,
  expectedContents,
  groupLine,
  newestOf,
  readLog,
  rowLine,
  type WholeLog,
} from './expected.js';
import type { Acknowledged } from './load.js';
import type { Report } from './report.js';

/** One view with a store of the check's own. */
export interface CheckedView {
  readonly view: AnyView<unknown>;
  readonly store: ViewStore<unknown>;
}

export interface CheckOptions {
  readonly connection: LogConnection;
  readonly views: readonly CheckedView[];
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  /** Base address of the command service. */
  readonly commandsUrl: string;
  readonly report: Report;
}

const quietLimitMs = 180_000;
const shown = 20;

/** Compares log and stores with each other and with what was acknowledged, when everything has come to rest. */
export async function check(options: CheckOptions): Promise<void> {
  const { connection, views, report } = options;
  await untilPublished(options);
  const fed = await fedGenerations(connection);
  const log = await readLog(connection);
  checkAcknowledged(options, log);
  for (const { view, store } of views) {
    const expected = expectedContents(view, log);
    for (const name of fed.get(view.name) ?? []) {
      const generation = store.generation(name);
      if (!(await hasApplied(generation, view, connection))) {
        report.finding(`${name} did not reach the end of the log`);
        continue;
      }
      compare({ name, expected, actual: await contentsOf(generation) }, report);
    }
  }
  await checkLetters(connection, report);
}

async function untilPublished({ commandsUrl, report }: CheckOptions): Promise<void> {
  const giveUpAt = performance.now() + quietLimitMs;
  while (performance.now() < giveUpAt) {
    try {
      const answer: unknown = await (await fetch(`${commandsUrl}/outbox`)).json();
      if (canonical(answer).includes('"depth":0')) return;
    } catch {
      // Still coming back.
    }
    await pause(300);
  }
  report.finding('the outbox did not empty');
}

/** Names of the generations that are fed, by view. */
async function fedGenerations(connection: LogConnection): Promise<ReadonlyMap<string, readonly string[]>> {
  const fed = new Map<string, readonly string[]>();
  const tail = new StreamTail({
    contract: catalogue.generation,
    connection,
    onRecord: ({ envelope }) => {
      if (!envelope) return;
      const { view, generations } = envelope.state;
      const running = generations.filter(({ status }) => isFed(parseStatus(status)));
      fed.set(
        view,
        running.map(({ number }) => generationName(view, number)),
      );
    },
  });
  await tail.start();
  await tail.stop();
  return fed;
}

function checkAcknowledged({ acknowledged, report }: CheckOptions, log: WholeLog): void {
  const newest = new Map([...log].map(([stream, records]) => [stream, newestOf(records)]));
  for (const [entity, { version, isRemoval }] of acknowledged) {
    const separator = entity.indexOf('/');
    const found = newest.get(entity.slice(0, separator))?.get(entity.slice(separator + 1));
    // A tombstone may be gone by now, together with all that was before it.
    if (!found && isRemoval) continue;
    if ((found?.version ?? 0) < version)
      report.finding(
        `${entity}: version ${version} was acknowledged, the log has ${found?.version ?? 'nothing'}`,
      );
    report.count('acknowledged entities checked');
  }
}

async function hasApplied(
  generation: GenerationStore<unknown>,
  view: AnyView<unknown>,
  connection: LogConnection,
): Promise<boolean> {
  const topics = [...new Set([view.source, ...view.references.map(({ source }) => source)])];
  const admin = new LogAdmin(connection);
  try {
    const ends = await admin.endOffsets([...new Set(topics.map(({ topic }) => topic))]);
    const giveUpAt = performance.now() + quietLimitMs;
    while (performance.now() < giveUpAt) {
      if (hasReached(await generation.positions(), ends)) return true;
      await pause(300);
    }
    return false;
  } finally {
    await admin.stop();
  }
}

async function contentsOf(generation: GenerationStore<unknown>): Promise<string[]> {
  const lines: string[] = [];
  for await (const item of generation.contents()) lines.push(lineOf(item));
  return lines.sort();
}

function lineOf(item: StoredItem<unknown>): string {
  return item.kind === 'row'
    ? rowLine(item.entity, item.key, item.row)
    : groupLine(canonical(item.group), item.measures, item.extremes);
}

function compare(
  { name, expected, actual }: { name: string; expected: readonly string[]; actual: readonly string[] },
  report: Report,
): void {
  const [wanted, held] = [new Set(expected), new Set(actual)];
  const missing = expected.filter((line) => !held.has(line));
  const extra = actual.filter((line) => !wanted.has(line));
  report.count('rows and groups compared', expected.length);
  report.count('generations compared');
  if (missing.length === 0 && extra.length === 0 && expected.length === actual.length) return;
  report.finding(
    `${name}: ${missing.length} missing or different, ${extra.length} extra or different, of ${expected.length}`,
  );
  for (const line of missing.slice(0, shown)) report.finding(`  the log says: ${line}`);
  for (const line of extra.slice(0, shown)) report.finding(`  the store has: ${line}`);
}

/** The load makes no poison: nothing should have been set aside for good. */
async function checkLetters(connection: LogConnection, report: Report): Promise<void> {
  const open = new Map<string, string>();
  const tail = new StreamTail({
    contract: catalogue.deadLetter,
    connection,
    onRecord: ({ key, envelope }) => {
      if (envelope && (envelope.state.status === 'open' || envelope.state.status === 'waiting'))
        open.set(key, `${envelope.state.code}: ${envelope.state.cause}`);
      else open.delete(key);
    },
  });
  await tail.start();
  await tail.stop();
  for (const [letter, cause] of open) report.finding(`dead letter ${letter} is open: ${cause}`);
}
