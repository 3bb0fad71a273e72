import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { provenance, tallyContract, tallyEntity } from '../test/tally.js';
import { fingerprintOf } from './fingerprint.js';

const entity = tallyEntity(tallyContract('suite.tally'));
const of = (asked: unknown, key = 'k'): string =>
  fingerprintOf({ entity, key, command: { kind: 'close' }, asked, provenance });
/** As it comes from a body: JSON knows no negative zero. */
const content = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((fields) => asUnknown(JSON.parse(JSON.stringify(fields))));

test('the order of fields is of no matter', () => {
  fc.assert(
    fc.property(content, (fields) => {
      expect(of(Object.fromEntries(Object.entries(fields ?? {}).toReversed()))).toBe(of(fields));
    }),
  );
});

test('another content, or another key, has another fingerprint', () => {
  fc.assert(
    fc.property(content, content, (left, right) => {
      fc.pre(!isSame(left, right));
      expect(of(left)).not.toBe(of(right));
    }),
  );
  expect(of({}, 'k')).not.toBe(of({}, 'l'));
  expect(of(undefined)).not.toBe(of({ kind: 'add' }));
});

test.each([
  [{ a: [1, 2] }, { a: [2, 1] }],
  [{ a: 1 }, { a: '1' }],
  [{ a: { b: 1 } }, { a: [['b', 1]] }],
  [{ a: null }, {}],
])('%j is not %j', (left, right) => {
  expect(of(left)).not.toBe(of(right));
});

test('what is undefined is as if left out', () => {
  expect(of({ a: 1, b: undefined })).toBe(of({ a: 1 }));
});

function isSame(left: unknown, right: unknown): boolean {
  try {
    expect(left).toEqual(right);
    return true;
  } catch {
    return false;
  }
}

function asUnknown(value: unknown): unknown {
  return value;
}
