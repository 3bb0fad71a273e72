import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bucketOf, Digests } from './digests.js';

type Row = readonly [entity: string, key: string, text: string];

const row = fc.tuple(fc.string(), fc.string(), fc.string({ unit: 'binary', maxLength: 60 }));

function digestsOf(rows: readonly Row[]): Digests {
  const digests = new Digests();
  for (const each of rows) digests.add(...each);
  return digests;
}

describe('digests of buckets', () => {
  test('do not depend on the order of rows', () => {
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        expect(digestsOf(rows).differing(digestsOf(rows.toReversed()))).toEqual([]);
      }),
    );
  });

  test('tell one changed character of one row, wherever it stands', () => {
    const changed = fc.record({
      rows: fc.array(row),
      at: fc.nat(),
      of: row,
      to: fc.string({ minLength: 1, maxLength: 1 }),
    });
    fc.assert(
      fc.property(changed, ({ rows, at, of: [entity, key, text], to }) => {
        const place = at % (text.length + 1);
        const other = text.slice(0, place) + to + text.slice(place + 1);
        fc.pre(other !== text);
        const before = digestsOf([...rows, [entity, key, text]]);
        expect(before.differing(digestsOf([...rows, [entity, key, other]]))).toEqual([bucketOf(entity)]);
      }),
      { numRuns: 5_000 },
    );
  });

  test('tell where a key ends', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), fc.string(), (entity, moved, text) => {
        const before = digestsOf([[entity, moved, text]]);
        expect(before.differing(digestsOf([[entity, '', moved + text]]))).toEqual([bucketOf(entity)]);
      }),
    );
  });

  test('tell two rows that exchanged what they say', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.uniqueArray(fc.string(), { minLength: 4, maxLength: 4 }),
        (entity, texts) => {
          const [one = '', other = '', first = '', second = ''] = texts;
          const before = digestsOf([
            [entity, one, first],
            [entity, other, second],
          ]);
          expect(
            before.differing(
              digestsOf([
                [entity, one, second],
                [entity, other, first],
              ]),
            ),
          ).toEqual([bucketOf(entity)]);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
