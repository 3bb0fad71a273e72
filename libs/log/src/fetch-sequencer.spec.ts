import { describe, expect, test } from '@jest/globals';
import { CodedError } from '@reprise/kernel';
import { FetchSequencer, type Fetch, type RecordChunk } from './fetch-sequencer.js';
import type { ReadRecord } from './records.js';

const partition = 't/0';

const record = (offset: number): ReadRecord => ({
  offset: BigInt(offset),
  key: 'k',
  value: null,
  entityVersion: 1,
  timestampMs: 0,
});

const fetchOf = (from: number, to: number): Fetch => ({
  partition,
  fetchedOffset: BigInt(from),
  records: Array.from({ length: to - from }, (_, place) => record(from + place)),
  nextOffset: BigInt(to),
  endOffset: 100n,
});

/** A sequencer over a handler whose claims say `claimAt`, with everything that it did. */
function sequencing(claimAt: () => bigint = () => 0n) {
  const chunks: RecordChunk[] = [];
  const did: string[] = [];
  const answers: (Error | 'applied' | 'fenced')[] = [];
  const fatal: unknown[] = [];
  const duringApply: (() => void)[] = [];
  const sequencer = new FetchSequencer({
    handler: {
      claim: () => {
        did.push('claim');
        return Promise.resolve(claimAt());
      },
      apply: (chunk) => {
        duringApply.shift()?.();
        const answer = answers.shift() ?? 'applied';
        if (answer instanceof Error) return Promise.reject(answer);
        if (answer === 'applied') chunks.push(chunk);
        return Promise.resolve(answer);
      },
      assigned: () => undefined,
      troubled: (reason) => did.push(reason === undefined ? 'well' : 'troubled'),
    },
    maxChunkRecords: 2,
    seek: (_, offset) => did.push(`seek ${offset}`),
    pause: () => Promise.resolve(),
    every: () => () => undefined,
    nowMs: () => 0,
    onFatal: (reason) => fatal.push(reason),
  });
  const session = { isCurrent: () => true, heartbeat: () => Promise.resolve(), resolve: () => undefined };
  const fetch = (from: number, to: number, isCurrent = true) =>
    sequencer.onFetch(fetchOf(from, to), { ...session, isCurrent: () => isCurrent });
  const read = () => chunks.flatMap(({ records }) => records.map(({ offset }) => Number(offset)));
  return { sequencer, fetch, read, did, answers, fatal, chunks, duringApply };
}

describe('what a handler is given', () => {
  test('begins where its claim says, and joins without a gap', async () => {
    const { sequencer, fetch, read, did } = sequencing(() => 3n);
    sequencer.assign([partition]);
    await fetch(0, 5);
    await fetch(3, 8);
    await fetch(8, 10);
    expect(did).toEqual(['claim', 'seek 3', 'seek 3']);
    expect(read()).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  test('is claimed again after a fence, and then goes on from where that says', async () => {
    let at = 0n;
    const { sequencer, fetch, read, did, answers } = sequencing(() => at);
    sequencer.assign([partition]);
    await fetch(0, 2);
    answers.push('fenced');
    at = 4n;
    await fetch(2, 6);
    await fetch(4, 6);
    expect(did.filter((what) => what === 'claim')).toHaveLength(2);
    expect(read()).toEqual([0, 1, 4, 5]);
  });

  test('is claimed again when that was asked for while a chunk was applied, although the chunk was applied', async () => {
    let at = 0n;
    const { sequencer, fetch, read, did, duringApply } = sequencing(() => at);
    sequencer.assign([partition]);
    await fetch(0, 2);
    duringApply.push(() => {
      at = 2n;
      sequencer.reclaim(partition);
    });
    await fetch(2, 4);
    await fetch(2, 4);
    expect(did.filter((done) => done === 'claim')).toHaveLength(2);
    expect(sequencer.positions().get(partition)).toBe(4n);
    expect(read()).toEqual([0, 1, 2, 3, 2, 3]);
  });

  test('comes although fetches grew stale while it was claimed: the claim is not thrown away with them', async () => {
    const { sequencer, fetch, read, did } = sequencing();
    sequencer.assign([partition]);
    await fetch(0, 4, false);
    await fetch(0, 4, false);
    await fetch(0, 4);
    expect(did.filter((what) => what === 'claim')).toHaveLength(1);
    expect(read()).toEqual([0, 1, 2, 3]);
  });

  test('is not moved past what was never read by an empty fetch from elsewhere', async () => {
    const { sequencer, fetch, chunks, did } = sequencing(() => 2n);
    sequencer.assign([partition]);
    await fetch(0, 1);
    const empty = { partition, records: [], endOffset: 9n };
    sequencer.onNothingToRead({ ...empty, fetchedOffset: 5n, nextOffset: 9n });
    sequencer.onNothingToRead({ ...empty, fetchedOffset: 2n, nextOffset: 4n });
    await fetch(4, 5);
    expect(did).toContain('seek 2');
    expect(chunks.map(({ nextOffset }) => nextOffset)).toEqual([4n, 5n]);
  });

  test('is tried again while a dependency is away, and nothing else is', async () => {
    const { sequencer, fetch, read, did, answers, fatal } = sequencing();
    sequencer.assign([partition]);
    answers.push(new CodedError('away', 'away', { decision: 'retry' }));
    await fetch(0, 2);
    expect(did).toEqual(['claim', 'seek 0', 'troubled', 'well']);
    expect(read()).toEqual([0, 1]);
    answers.push(new Error('wrong'));
    await expect(fetch(2, 4)).rejects.toThrow('wrong');
    expect(fatal).toHaveLength(1);
  });

  test('ends with the stop, also for batches that the client still hands over', async () => {
    const { sequencer, fetch, read } = sequencing();
    sequencer.assign([partition]);
    await fetch(0, 2);
    await sequencer.stop();
    await fetch(2, 4);
    sequencer.assign([partition]);
    await fetch(2, 4);
    expect(read()).toEqual([0, 1]);
  });
});

describe('how much is handed over at once', () => {
  /** The sizes of chunks that take 10 ms a record, of one fetch behind which so many records wait. */
  async function sizes(waiting: bigint): Promise<number[]> {
    let nowMs = 0;
    const found: number[] = [];
    const sequencer = new FetchSequencer({
      handler: {
        claim: () => Promise.resolve(0n),
        apply: ({ records }) => {
          found.push(records.length);
          nowMs += records.length * 10;
          return Promise.resolve('applied');
        },
        assigned: () => undefined,
        troubled: () => undefined,
      },
      maxChunkRecords: 400,
      seek: () => undefined,
      pause: () => Promise.resolve(),
      every: () => () => undefined,
      nowMs: () => nowMs,
      onFatal: () => undefined,
    });
    sequencer.assign([partition]);
    const fetch = { ...fetchOf(0, 1_200), endOffset: 1_200n + waiting };
    const session = { isCurrent: () => true, heartbeat: () => Promise.resolve(), resolve: () => undefined };
    await sequencer.onFetch(fetch, session);
    return found;
  }

  test('is what takes up to half a second', async () => {
    expect((await sizes(0n)).slice(0, 6)).toEqual([400, 200, 100, 50, 50, 50]);
  });

  test('is what takes up to two, where many records wait behind', async () => {
    expect(await sizes(50_000n)).toEqual([400, 200, 200, 200, 200]);
  });
});
