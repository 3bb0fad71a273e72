import { describe, expect, test } from '@jest/globals';
import type { ReadRecord } from '@reprise/log';
import fc from 'fast-check';
import { newestStates } from './candidate.js';
import { tellNewest } from './newest-told.js';
import type { Told } from './told.js';

/** One record: what its header tells, and what is in it. */
interface Step {
  readonly key: string;
  readonly header: number | undefined;
  readonly content: number | 'gone' | 'poison';
}

const version = fc.integer({ min: 1, max: 5 });
const honest = fc
  .record({
    key: fc.constantFrom('a', 'b', 'c'),
    version,
    kind: fc.constantFrom('state', 'state', 'gone', 'poison'),
  })
  .map(({ key, version: told, kind }): Step => ({
    key,
    header: told,
    content: kind === 'state' ? told : contentOf(kind),
  }));
const any: fc.Arbitrary<Step> = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  header: fc.option(version, { nil: undefined }),
  content: fc.oneof(version, fc.constantFrom('gone', 'poison')),
});

function contentOf(kind: string): 'gone' | 'poison' {
  return kind === 'gone' ? 'gone' : 'poison';
}

function recordsOf(steps: readonly Step[]): ReadRecord[] {
  return steps.map(({ key, header, content }, place) => ({
    offset: BigInt(place),
    key,
    value: content === 'gone' ? null : Buffer.from(String(content)),
    entityVersion: header,
    timestampMs: 0,
  }));
}

function tell(record: ReadRecord): Told {
  const { offset, key, value, entityVersion } = record;
  return { partition: 't/0', offset, key, value, entityVersion, isKept: false, content: toldBy(value) };
}

function toldBy(value: Uint8Array | null): Told['content'] {
  if (value === null) return { kind: 'gone' };
  const text = Buffer.from(value).toString();
  if (text === 'poison') return { kind: 'undecodable', cause: 'poison' };
  const fact = {
    event: 'E',
    version: Number(text),
    occurredAt: 0,
    changed: [],
    deleted: false,
    state: { text },
  };
  return { kind: 'fact', fact };
}

/** The states as they are written, and what is set aside. */
function outcomeOf(told: readonly Told[]) {
  const { candidates, refused } = newestStates(told);
  const states = [...candidates].map(([key, candidate]) => [key, candidate.version, candidate.state]);
  return { states: states.sort(), refused: refused.map(({ offset }) => offset) };
}

describe('telling only the newest', () => {
  test('comes to the same as telling all, of records whose headers are right', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(honest, { maxLength: 12 }), async (steps) => {
        const records = recordsOf(steps);
        const newest = await tellNewest(records, (record) => Promise.resolve(tell(record)));
        expect(outcomeOf(newest)).toEqual(outcomeOf(records.map(tell)));
      }),
      { numRuns: 5_000 },
    );
  });

  test('tells in the order of the log, and no record twice, whatever the headers say', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(any, { maxLength: 12 }), async (steps) => {
        const told = await tellNewest(recordsOf(steps), (record) => Promise.resolve(tell(record)));
        const offsets = told.map(({ offset }) => Number(offset));
        expect(offsets).toEqual([...new Set(offsets)].sort((left, right) => left - right));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of entities without versions in their headers it comes to the same as well', async () => {
    const bare = any.map((step): Step => ({ ...step, header: undefined }));
    await fc.assert(
      fc.asyncProperty(fc.array(bare, { maxLength: 12 }), async (steps) => {
        const records = recordsOf(steps);
        const newest = await tellNewest(records, (record) => Promise.resolve(tell(record)));
        expect(outcomeOf(newest)).toEqual(outcomeOf(records.map(tell)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('decodes one record of each entity', async () => {
    const decoded: bigint[] = [];
    const steps = [1, 2, 3].flatMap((told) =>
      ['a', 'b'].map((key) => ({ key, header: told, content: told })),
    );
    await tellNewest(recordsOf(steps), (record) => {
      decoded.push(record.offset);
      return Promise.resolve(tell(record));
    });
    expect(decoded).toEqual([4n, 5n]);
  });
});
