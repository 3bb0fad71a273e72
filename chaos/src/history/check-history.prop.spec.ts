import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkHistory } from './check-history.js';
import type { LoggedValue, Operation, Read, Write } from './operation.js';

const entity = 'e';
const write = (value: number, more: Partial<Write> = {}): Write => ({
  ...{ kind: 'write', session: 'w', beganMs: value * 10, endedMs: value * 10 + 5, entity, value },
  ...{ expected: undefined, outcome: { kind: 'accepted', version: value } },
  ...more,
});
const read = (value: number | undefined, atMs: number, more: Partial<Read> = {}): Read => ({
  ...{
    kind: 'read',
    session: 'r',
    beganMs: atMs,
    endedMs: atMs + 1,
    view: 'board',
    stream: 's',
    asked: [entity],
  },
  shown: new Map(value === undefined ? [] : [[entity, value]]),
  ...more,
});
const logged = (...values: number[]): LoggedValue[] =>
  values.map((value, place) => ({ entity, version: place + 1, value }));
const unknown = { kind: 'unknown' } as const;

describe('a history is wrong when', () => {
  test.each<[string, Operation[], LoggedValue[], RegExp]>([
    [
      'an acknowledged write is lost',
      [write(1), write(2)],
      logged(1),
      /value 2 was acknowledged and is lost/,
    ],
    ['a write is there twice', [write(1)], logged(1, 1), /value 1 was written twice/],
    [
      'a version is two things',
      [write(1)],
      [...logged(1), { entity, version: 1, value: 2 }],
      /version 1 is both 1 and 2/,
    ],
    ['a version is missing', [], [{ entity, version: 2, value: 2 }], /version 1 is not in the log/],
    [
      'another version was told',
      [write(1, { outcome: { kind: 'accepted', version: 2 } })],
      logged(1),
      /as version 2/,
    ],
    [
      'a refused write is there',
      [write(1, { expected: 4, outcome: { kind: 'mismatched', version: 0 } })],
      logged(1),
      /was refused and is version 1/,
    ],
    [
      'the order of versions is not that of time',
      [write(1, { beganMs: 50, endedMs: 60 }), write(2, { beganMs: 10, endedMs: 20 })],
      logged(1, 2),
      /version 2 was answered before version 1/,
    ],
    [
      'a condition that did not hold was accepted',
      [write(1), write(2, { expected: 7 })],
      logged(1, 2),
      /on condition of version 7/,
    ],
    [
      'a condition was refused by an old version',
      [write(1), write(2), write(3, { expected: 9, outcome: { kind: 'mismatched', version: 1 } })],
      logged(1, 2),
      /version 1 was told when a newer one was acknowledged/,
    ],
    [
      'a condition that held was refused',
      [write(1), write(3, { expected: 1, outcome: { kind: 'mismatched', version: 1 } })],
      logged(1),
      /refused on condition of version 1, at that version/,
    ],
    [
      'a read shows what nobody wrote',
      [read(9, 20)],
      logged(1),
      /showed value 9 of e, which is not in the log/,
    ],
    ['a read shows the future', [write(2), write(1), read(2, 5)], logged(1, 2), /before it was written/],
    [
      'a session misses what it wrote',
      [write(1), read(undefined, 30, { session: 'w' })],
      logged(1),
      /showed version 0/,
    ],
    [
      'time runs backwards',
      [write(1), write(2), read(2, 40), read(1, 50, { view: 'search' })],
      logged(1, 2),
      /search showed version 1 of e to r, which had seen or written 2/,
    ],
  ])('%s', (...[, operations, log, wrong]) => {
    expect(checkHistory(operations, log).join('\n')).toMatch(wrong);
  });
});

test('a write that nobody knows of may be there or not, and another session may see less', () => {
  const open = write(2, { endedMs: Infinity, outcome: unknown });
  expect(checkHistory([write(1), open], logged(1))).toEqual([]);
  expect(
    checkHistory([write(1), open, read(2, 99), read(1, 99, { session: 'other' })], logged(1, 2)),
  ).toEqual([]);
});

test('a record that is in the log again is no second write', () => {
  expect(checkHistory([write(1), write(2)], [...logged(1, 2), ...logged(1, 2)])).toEqual([]);
});

/** A register that takes each write at a moment between question and answer, and views that follow it as they like. */
const histories = fc
  .array(
    fc.record({
      atMs: fc.integer({ min: 0, max: 1_000 }),
      before: fc.integer({ min: 0, max: 200 }),
      after: fc.integer({ min: 0, max: 200 }),
      isUnknown: fc.boolean(),
      lag: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((steps) => {
    const writes = steps
      .toSorted((left, right) => left.atMs - right.atMs)
      .map(({ atMs, before, after, isUnknown }, place) =>
        write(place + 1, {
          ...{ session: `w${place}`, beganMs: atMs - before, endedMs: isUnknown ? Infinity : atMs + after },
          outcome: isUnknown ? unknown : { kind: 'accepted', version: place + 1 },
        }),
      );
    const reads = steps.map(({ lag, atMs }, place) => {
      const shown = steps.filter((step) => step.atMs < atMs).length - lag;
      return read(shown > 0 ? shown : undefined, atMs, { session: `r${place}` });
    });
    const log = logged(...writes.map(({ value }) => value));
    return { log, operations: [...writes, ...reads] };
  });

test('whatever a linearizable store and late views do is right, and a lost or doubled write is found in it', () => {
  fc.assert(
    fc.property(histories, fc.nat(), ({ operations, log }, seed) => {
      expect(checkHistory(operations, log)).toEqual([]);
      const place = seed % log.length;
      const doubled = [...log, { entity, version: log.length + 1, value: log[place]?.value ?? 0 }];
      expect(checkHistory(operations, doubled).join()).toMatch(/written twice/);
      const [lost] = operations.flatMap((operation) =>
        operation.kind === 'write' && operation.outcome.kind === 'accepted' ? [operation.value] : [],
      );
      if (lost === undefined) return;
      expect(
        checkHistory(
          operations,
          log.filter(({ value }) => value !== lost),
        ).join(),
      ).toMatch(/is lost/);
    }),
  );
});
