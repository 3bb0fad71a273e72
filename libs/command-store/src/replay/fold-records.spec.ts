import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldRecords, type RecordPlace, type ToldRecord } from './fold-records.js';

const compacted: RecordPlace = { stream: 'tally', partition: 'tally/0', isHistory: false };
const history: RecordPlace = { stream: 'tally', partition: 'tally-history/0', isHistory: true };
const told = (version: number | undefined, state: unknown = version): ToldRecord => ({
  key: 'a',
  version,
  state,
});
const fold = (records: readonly ToldRecord[], place = compacted, before = 0) =>
  foldRecords(records, new Map(before === 0 ? [] : [['a', before]]), place);

describe('records of an entity, in the order of the log', () => {
  test('come to its newest state', () => {
    const { newest, settled, unsettled, findings } = fold([told(1), told(2), told(4)]);
    expect([...newest]).toEqual([['a', { version: 4, state: 4 }]]);
    expect([settled, unsettled, findings]).toEqual([['a'], [], []]);
  });

  test('keep the version of one that is gone, also when its tombstone does not tell it', () => {
    expect([...fold([told(3), told(undefined, null)]).newest]).toEqual([['a', { version: 3, state: null }]]);
    expect([...fold([told(4, null)], compacted, 3).newest]).toEqual([['a', { version: 4, state: null }]]);
  });

  test('may come again, as after a relay that broke off', () => {
    const { newest, settled, unsettled } = fold([told(1), told(2), told(1), told(2)]);
    expect([newest.get('a')?.version, settled, unsettled]).toEqual([2, ['a'], []]);
  });

  test.each([
    ['in one part', fold([told(1), told(2), told(1)])],
    ['over two', fold([told(1)], compacted, 2)],
  ])('that end with an older version leave it unsettled, %s', (_, { settled, unsettled }) => {
    expect(settled).toEqual([]);
    expect(unsettled).toEqual([{ stream: 'tally', key: 'a', kind: 'backwards', version: 1 }]);
  });

  test('are missed where a history leaves a version out', () => {
    expect(fold([told(2), told(5)], history, 1).findings).toEqual([
      { kind: 'gap', partition: 'tally-history/0', key: 'a', before: 2, found: 5 },
    ]);
    expect(fold([told(2)], history).findings).toMatchObject([{ kind: 'gap', before: 0, found: 2 }]);
    expect(fold([told(2), told(5)], compacted, 1).findings).toEqual([]);
  });

  test('are not missed where they were erased with their entity, and it began anew', () => {
    const erased = { ...told(3, null), startsAnew: true };
    expect(fold([erased, { ...told(4), startsAnew: true }], history)).toMatchObject({ findings: [] });
    expect(fold([{ ...told(4), startsAnew: true }, told(6)], history).findings).toMatchObject([{ found: 6 }]);
    expect([...fold([told(1), told(2), erased], history).newest]).toEqual([
      ['a', { version: 3, state: null }],
    ]);
  });

  test('that cannot be read leave it unsettled, until a newer one can', () => {
    const unreadable = told(2);
    const { newest, unsettled, findings } = fold([told(1), { ...unreadable, state: undefined }]);
    expect(newest.get('a')?.version).toBe(1);
    expect(unsettled).toEqual([{ stream: 'tally', key: 'a', kind: 'unreadable', version: 2 }]);
    expect(findings).toEqual([{ kind: 'unreadable', partition: 'tally/0', key: 'a', before: 1, found: 2 }]);
    expect(fold([{ ...unreadable, state: undefined }, told(3)]).unsettled).toEqual([]);
  });

  test('of a stranger, without a version, change nothing', () => {
    const { newest, unsettled, findings } = fold([
      told(1),
      { key: 'a', version: undefined, state: undefined },
    ]);
    expect([newest.get('a')?.version, unsettled]).toEqual([1, []]);
    expect(findings).toMatchObject([{ kind: 'unreadable', found: 0 }]);
  });
});

test('in whatever parts they are read, they come to the same', () => {
  const record = fc.record({ key: fc.constantFrom('a', 'b'), version: fc.integer({ min: 1, max: 6 }) });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), fc.nat(20), fc.boolean(), (some, cut, isHistory) => {
      const records = some.map(({ key, version }) => ({ key, version, state: version }));
      const place = { ...compacted, isHistory };
      const whole = foldRecords(records, new Map(), place);
      const first = foldRecords(records.slice(0, cut), new Map(), place);
      const met = new Map([...first.newest].map(([key, { version }]) => [key, version]));
      const second = foldRecords(records.slice(cut), met, place);
      expect(new Map([...first.newest, ...second.newest])).toEqual(whole.newest);
      expect([...first.findings, ...second.findings]).toEqual(whole.findings);
      const left = new Map(first.unsettled.map((one) => [one.key, one]));
      for (const key of second.settled) left.delete(key);
      for (const one of second.unsettled) left.set(one.key, one);
      expect([...left.values()].toSorted(byKey)).toEqual([...whole.unsettled].toSorted(byKey));
    }),
  );
});

function byKey(left: { key: string }, right: { key: string }): number {
  return left.key < right.key ? -1 : 1;
}
