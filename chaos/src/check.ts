import { setTimeout as pause } from 'node:timers/promises';
import { catalogue } from '@reprise/contracts';
import { hasReached } from '@reprise/kernel';
import { LogAdmin, StreamTail, type LogConnection } from '@reprise/log';
import { generationName, isFed, parseStatus, type AnyView, type GenerationStatus } from '@reprise/view';
import type { GenerationStore, StoredItem, ViewStore } from '@reprise/view-store';
import { compare } from './compare.js';
import {
  canonical,
  expectedContents,
  groupLine,
  newestOf,
  readLog,
  rowLine,
  type WholeLog,
} from './expected.js';
import { checkHistory } from './history/check-history.js';
import { isHistoryEntity } from './history/clients.js';
import type { LoggedValue, Operation } from './history/operation.js';
import { checkDropped } from './leftovers.js';
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
  /** What the sessions of the history asked and were told. */
  readonly operations: readonly Operation[];
  /** Base address of the command service. */
  readonly commandsUrl: string;
  readonly report: Report;
}

const quietLimitMs = 180_000;

/** Compares log and stores with each other and with what was acknowledged, when everything has come to rest. */
export async function check(options: CheckOptions): Promise<void> {
  const { connection, views, report } = options;
  await untilPublished(options);
  const generations = await readGenerations(connection);
  const log = await readLog(connection);
  await countCompacted(connection, log, report);
  checkAcknowledged(options, log);
  for (const wrong of checkHistory(options.operations, loggedHistory(log)))
    report.finding(`history: ${wrong}`);
  report.count('history: operations checked', options.operations.length);
  await checkContents(options, { generations, log });
  for (const { view, store } of views)
    await checkDropped(store, generations.get(view.name)?.ended ?? [], report);
  await checkLetters(connection, report);
}

/** Names of a view's generations. */
export interface Generations {
  readonly fed: readonly string[];
  /** Retired or failed. */
  readonly ended: readonly string[];
}

export async function checkContents(
  { connection, views, report }: Pick<CheckOptions, 'connection' | 'views' | 'report'>,
  { generations, log }: { generations: ReadonlyMap<string, Generations>; log: WholeLog },
): Promise<void> {
  for (const { view, store } of views) {
    const expected = expectedContents(view, log);
    const fed = generations.get(view.name)?.fed ?? [];
    if (fed.length === 0) report.finding(`${view.name} has no generation that is fed`);
    for (const name of fed) {
      const generation = store.generation(name);
      if (!(await hasApplied(generation, view, connection))) {
        report.finding(`${name} did not reach the end of the log`);
        continue;
      }
      compare({ name, expected, actual: await contentsOf(generation) }, report);
    }
  }
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

/** By view, as the log last tells. */
export async function readGenerations(connection: LogConnection): Promise<ReadonlyMap<string, Generations>> {
  const byView = new Map<string, Generations>();
  const tail = new StreamTail({
    contract: catalogue.generation,
    connection,
    onRecord: ({ envelope }) => {
      if (!envelope) return;
      const { view, generations } = envelope.state;
      const names = (isWanted: (status: GenerationStatus) => boolean): string[] =>
        generations
          .filter(({ status }) => isWanted(parseStatus(status)))
          .map(({ number }) => generationName(view, number));
      byView.set(view, { fed: names(isFed), ended: names((status) => !isFed(status)) });
    },
  });
  await tail.start();
  await tail.stop();
  return byView;
}

/** How much compaction has taken away meanwhile: the views must be right all the same. */
async function countCompacted(connection: LogConnection, log: WholeLog, report: Report): Promise<void> {
  const { flight } = catalogue;
  const admin = new LogAdmin(connection);
  try {
    const ends = await admin.endOffsets([flight.topic]);
    const written = [...ends.values()].reduce((sum, end) => sum + end, 0n);
    const left = log.get(flight.name)?.length ?? 0;
    report.count('records of flights written', Number(written));
    report.count('records of flights compacted away', Number(written) - left);
  } finally {
    await admin.stop();
  }
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

/** The events of the flights of the history: every one of them is kept, as none is ever deleted. */
export function loggedHistory(log: WholeLog): LoggedValue[] {
  const { flightHistory } = catalogue;
  return (log.get(flightHistory.name) ?? []).flatMap(({ key, envelope }) => {
    const entity = `${catalogue.flight.name}/${key}`;
    if (!envelope || !isHistoryEntity(entity)) return [];
    return [{ entity, version: envelope.version, value: departureOf(envelope.state) }];
  });
}

function departureOf(state: unknown): number {
  if (typeof state === 'object' && state !== null && 'scheduledDeparture' in state)
    return Number(state.scheduledDeparture);
  throw new TypeError('a flight has a scheduled departure');
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
