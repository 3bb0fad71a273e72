import { partitionsOf, type CommandOutcome, type CommandRequest } from '@reprise/command-store';
import type { Provenance } from '@reprise/contracts';
import { callsFor, type Positions } from '@reprise/kernel';
import { scopeMissing, writeScopeOf, type Caller } from '@reprise/service';
import type { Readable } from 'node:stream';
import { idOfCommand } from '../http/marks.js';
import { LineSplitter, type Line } from './line-splitter.js';
import { outcomeLine, publishedLine, stoppedLine } from './outcome-line.js';
import { parseLine, type BatchItem } from './parse-line.js';

export interface BatchOptions {
  /** One transaction for all; outcomes in the order of the requests. */
  readonly execute: (requests: readonly CommandRequest[]) => Promise<readonly CommandOutcome[]>;
  /** Of the request; a command with an id of its own is caused by that. */
  readonly provenance: Provenance;
  readonly caller: Caller;
  /** `Idempotency-Key` of the whole: a line without an id of its own has its number behind this. */
  readonly key: string | undefined;
  /** Where all that was committed in these partitions is shown; undefined when that is not known in time. */
  readonly positions: (
    partitions: ReadonlySet<string>,
    wait: { readonly waitMs: number; readonly goOn: () => boolean },
  ) => Promise<Positions | undefined>;
  /** How long to wait for that at the end; undefined: it is not to be told. */
  readonly waitMs: number | undefined;
  /** From the next line on nothing is done. */
  readonly maxLines: number;
  readonly nowMs: () => number;
  /** True once the process was told to stop. */
  readonly isStopping: () => boolean;
  /** Told of a failure that ends the batch. */
  readonly onFailure: (failure: unknown) => void;
}

const chunkCommands = 500;
const maxLineBytes = 64 * 1024;

/** Lines that are executed together. */
interface Chunk {
  readonly items: BatchItem[];
  /** The first line that is too many; nothing comes after its chunk. */
  readonly tooMany?: number;
}

interface Executed {
  readonly text: string;
  readonly isLast: boolean;
}

/**
 * Commands in as lines, outcomes out as lines, in order. While one chunk executes the next is read and parsed; no more than
 * these two are held, and a reader who is slow to take outcomes slows the reading of commands. Outcomes go out as soon as
 * they are known, whether or not more commands come. A failure of the store ends the stream with a line that says from
 * where on nothing was done.
 */
export async function* runBatch(body: Readable, options: BatchOptions): AsyncGenerator<string> {
  const touched = new Set<string>();
  yield* outcomesOf(body, options, touched);
  if (options.waitMs !== undefined) yield publishedLine(await placeOf(touched, options.waitMs, options));
}

/** Outcomes a chunk. Adds the partitions of all entities that are named to `touched`. */
async function* outcomesOf(
  body: Readable,
  options: BatchOptions,
  touched: Set<string>,
): AsyncGenerator<string> {
  const chunks = chunksOf(body, options);
  const readNext = (): Promise<IteratorResult<Chunk, void>> => {
    const next = chunks.next();
    // Its failure is met when it is awaited; a batch that ends before that must not bring the process down.
    next.catch(() => undefined);
    return next;
  };
  try {
    for (let chunk = await readNext(); !chunk.done;) {
      if (options.waitMs !== undefined) touch(chunk.value, touched);
      const executing = execute(chunk.value, options);
      const next = readNext();
      const { text, isLast } = await executing;
      yield text;
      if (isLast) return;
      chunk = await next;
    }
  } finally {
    void leave(chunks, body);
  }
}

function touch({ items }: Chunk, touched: Set<string>): void {
  for (const item of items)
    if ('target' in item) for (const id of partitionsOf(item.target.entity, item.target.key)) touched.add(id);
}

/** Undefined when it is not known in time, or the process is to stop. */
async function placeOf(
  touched: ReadonlySet<string>,
  waitMs: number,
  { positions, isStopping }: BatchOptions,
): Promise<Positions | undefined> {
  try {
    return await positions(touched, { waitMs, goOn: () => !isStopping() });
  } catch {
    // What was done was told; that it cannot be said where it is now is no failure of the batch.
    return undefined;
  }
}

/** What nobody reads any more must still be taken off the connection, so that the answer can be delivered. */
async function leave(chunks: AsyncGenerator<Chunk, void>, body: Readable): Promise<void> {
  // A body that broke off is of no interest any more.
  await chunks.return().catch(() => undefined);
  body.resume();
}

/** A chunk ends at its limit, or as soon as no more input is at hand: who sends slowly is answered at once. */
async function* chunksOf(body: Readable, options: BatchOptions): AsyncGenerator<Chunk, void> {
  const splitter = new LineSplitter(maxLineBytes);
  let items: BatchItem[] = [];
  for await (const piece of body.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(piece)) throw new TypeError('a batch is read as bytes');
    for (const line of splitter.push(piece)) {
      if (line.number > options.maxLines) {
        yield { items, tooMany: line.number };
        return;
      }
      items.push(itemOf(line, options));
      if (items.length < chunkCommands) continue;
      yield { items };
      items = [];
    }
    if (items.length === 0 || body.readableLength > 0) continue;
    yield { items };
    items = [];
  }
  const [last] = splitter.end();
  if (last && last.number > options.maxLines) {
    yield { items, tooMany: last.number };
    return;
  }
  if (last) items.push(itemOf(last, options));
  if (items.length > 0) yield { items };
}

/** A line whose command its sender may not give is answered as such, as any other that is wrong. */
function itemOf(line: Line, { nowMs, caller }: BatchOptions): BatchItem {
  const item = parseLine(line, nowMs());
  if (!('target' in item)) return item;
  const scope = writeScopeOf(item.target.entity.contract.name);
  if (caller.may(scope)) return item;
  const { status, code, detail } = scopeMissing(scope).problem;
  const { line: number, id, target } = item;
  return {
    line: number,
    ...(id !== undefined && { id }),
    key: target.key,
    problem: { status, code, detail },
  };
}

/** Never rejects, so that it may be left alone when the client goes away. */
async function execute({ items, tooMany }: Chunk, options: BatchOptions): Promise<Executed> {
  const firstLine = items[0]?.line ?? tooMany ?? 1;
  if (options.isStopping()) return stopped(firstLine, 'shutting-down', 'The service is being stopped.');
  const requests = items.flatMap((item) => ('target' in item ? [requestOf(item, options)] : []));
  try {
    const outcomes = (await options.execute(requests)).values();
    const text = items.map((item) => outcomeLine(item, outcomes)).join('');
    return tooMany === undefined ? { text, isLast: false } : { text: text + beyond(tooMany), isLast: true };
  } catch (failure) {
    options.onFailure(failure);
    if (callsFor(failure, 'retry')) {
      return stopped(firstLine, 'dependency-unavailable', 'The write store cannot be reached.');
    }
    return {
      text: stoppedLine(firstLine, { status: 500, code: 'internal-error', detail: 'The log says why.' }),
      isLast: true,
    };
  }
}

function requestOf(
  { line, id: own, target, condition }: Extract<BatchItem, { target: unknown }>,
  { provenance, caller, key }: BatchOptions,
): CommandRequest {
  const id = own ?? (key === undefined ? undefined : `${key}#${line}`);
  const request = { ...target, ...(condition && { condition }) };
  if (id === undefined) return { ...request, provenance };
  const commandId = idOfCommand(id, caller.subject);
  return { ...request, commandId, provenance: { ...provenance, causationId: id } };
}

function beyond(line: number): string {
  const detail = `A batch may have ${line - 1} lines.`;
  return stoppedLine(line, { status: 413, code: 'batch-too-long', detail });
}

function stopped(firstLine: number, code: string, detail: string): Executed {
  return { text: stoppedLine(firstLine, { status: 503, code, detail }), isLast: true };
}
