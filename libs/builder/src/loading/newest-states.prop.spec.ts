import { describe, expect, test } from '@jest/globals';
import { CodedError } from '@reprise/kernel';
import type { EntityState, ScannedRecord } from '@reprise/log';
import fc from 'fast-check';
import { formatProgress, loadBegun, parseProgress, type LoadProgress } from './load-progress.js';
import { newestStates, type NewestState, type StateDecoder, type WindowSource } from './newest-states.js';

/** One record of a small log: compaction left those that are not null. */
interface Step {
  readonly key: string;
  /** By how much the entity's version grows; none: told again, as by a producer that was not sure. */
  readonly grows: number;
  readonly kind: 'state' | 'gone' | 'gone, unversioned' | 'poison';
  readonly hasHeader: boolean;
}

interface LogRecord extends ScannedRecord {
  readonly offset: number;
  readonly step: Step;
  readonly version: number;
}

const step = fc.record<Step>({
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
  grows: fc.constantFrom(0, 1, 1, 1, 2),
  kind: fc.constantFrom('state', 'state', 'state', 'state', 'gone', 'gone, unversioned'),
  hasHeader: fc.boolean(),
});

function logOf(steps: readonly Step[]): LogRecord[] {
  const versions = new Map<string, number>();
  return steps.map((told, offset) => {
    const { key, grows, kind, hasHeader } = told;
    const version = (versions.get(key) ?? 0) + (versions.has(key) ? grows : 1);
    versions.set(key, version);
    const value =
      kind === 'state' ? Buffer.from(JSON.stringify({ version, deleted: false, state: { offset } })) : null;
    const isTold = kind === 'gone' || (kind === 'state' && hasHeader);
    return {
      key,
      value: kind === 'poison' ? Buffer.from('?') : value,
      entityVersion: isTold ? version : undefined,
      offset,
      step: told,
      version,
    };
  });
}

const windowOffsets = 3;

function sourceOf(records: readonly LogRecord[]): WindowSource {
  return {
    backwards: async function* ({ from, to }) {
      for (let top = to; top > from;) {
        const bottom = top - BigInt(windowOffsets) > from ? top - BigInt(windowOffsets) : from;
        const within = records.filter(({ offset }) => offset >= bottom && offset < top);
        yield await Promise.resolve({ from: bottom, to: top, records: within });
        top = bottom;
      }
    },
  };
}

const decoder: StateDecoder = {
  decodeState: () => undefined,
  decode: (value) => {
    const text = value.toString();
    if (text === '?') return Promise.reject(new CodedError('poison', text, { decision: 'set-aside' }));
    return Promise.resolve(JSON.parse(text) as EntityState);
  },
};

/** As the log tells it to whoever reads it in order. */
function inOrder(records: readonly LogRecord[]): Map<string, unknown> {
  const states = new Map<string, unknown>();
  for (const { key, value } of records)
    states.set(key, value === null ? null : (JSON.parse(value.toString()) as EntityState).state);
  return states;
}

interface Loaded {
  readonly states: Map<string, NewestState>;
  readonly unclear: Set<string>;
}

/** Loads, and after `stopsAfter` pages breaks off and takes up again from the progress that was stored. */
async function load(
  records: readonly LogRecord[],
  { maxEntities, stopsAfter }: { maxEntities: number; stopsAfter: number },
): Promise<Loaded> {
  const loaded: Loaded = { states: new Map(), unclear: new Set() };
  let progress: LoadProgress = loadBegun(BigInt(records.length));
  for (let isResumed = false; ; isResumed = true) {
    let pages = 0;
    const options = {
      source: sourceOf(records),
      decoder,
      partition: 't/0',
      start: 0n,
      progress,
      maxEntities,
    };
    for await (const page of newestStates(options)) {
      for (const state of page.states) {
        expect(loaded.states.has(state.key)).toBe(false);
        loaded.states.set(state.key, state);
      }
      for (const key of page.unclear) loaded.unclear.add(key);
      if (page.progress.passes.length === 0) return loaded;
      progress = parseProgress(formatProgress(page.progress));
      pages += 1;
      if (!isResumed && pages === stopsAfter) break;
    }
  }
}

describe('the newest states of a partition, read backwards', () => {
  test('are what reading it in order ends with, each once, however little is remembered and wherever it breaks off', async () => {
    const cases = [
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 12 }),
    ] as const;
    await fc.assert(
      fc.asyncProperty(...cases, async (steps, maxEntities, stopsAfter) => {
        const records = logOf(steps);
        const { states, unclear } = await load(records, { maxEntities, stopsAfter });
        expect(unclear).toEqual(new Set());
        expect(new Map([...states].map(([key, { state }]) => [key, state]))).toEqual(inOrder(records));
      }),
      { numRuns: 2_000 },
    );
  });

  test('an entity whose newest record cannot be decoded is unclear, and its neighbours are not', async () => {
    const state = { grows: 1, kind: 'state', hasHeader: true } as const;
    const records = logOf([
      { key: 'a', ...state },
      { key: 'b', ...state },
      { key: 'a', ...state, kind: 'poison' },
    ]);
    const withHeader = records.map((record) => ({ ...record, entityVersion: record.version }));
    const { states, unclear } = await load(withHeader, { maxEntities: 10, stopsAfter: 0 });
    expect([...unclear]).toEqual(['a']);
    expect([...states.keys()]).toEqual(['b']);
  });

  test('an entity of which an older record claims a newer version is unclear', async () => {
    const records = logOf(
      Array.from({ length: 6 }, () => ({ key: 'a', grows: 1, kind: 'state', hasHeader: true }) as const),
    );
    const inverted = records.map((record) =>
      record.offset === 0 ? { ...record, entityVersion: 99 } : record,
    );
    expect([...(await load(inverted, { maxEntities: 10, stopsAfter: 0 })).unclear]).toEqual(['a']);
  });

  test('a tombstone without a version is newer than all that stands before it', async () => {
    const records = logOf([
      { key: 'a', grows: 1, kind: 'state', hasHeader: true },
      { key: 'a', grows: 1, kind: 'state', hasHeader: true },
      { key: 'b', grows: 1, kind: 'state', hasHeader: true },
      { key: 'b', grows: 1, kind: 'state', hasHeader: true },
      { key: 'a', grows: 1, kind: 'gone, unversioned', hasHeader: false },
    ]);
    const { states } = await load(records, { maxEntities: 10, stopsAfter: 0 });
    expect(states.get('a')).toEqual({ key: 'a', version: 3, state: null });
  });
});
