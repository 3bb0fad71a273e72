import { describe, expect, test } from '@jest/globals';
import { parcelSchema, id } from '../test/checkout.js';
import { changes, type Verdict } from '../test/changes.js';
import { changedMeanings, unreadable } from './compatibility.js';

function verdictOn({ before, after }: (typeof changes)[number]): Verdict {
  try {
    const backward = unreadable(after, before).length > 0;
    const forward = unreadable(before, after).length > 0;
    if (backward && forward) return 'both';
    if (backward || forward) return backward ? 'backward' : 'forward';
    const named = [before, after].map((schema, index) => ({ label: `version ${index + 1}`, schema }));
    return changedMeanings(named[0]!, named[1]!).length > 0 ? 'meaning' : 'compatible';
  } catch {
    return 'not-avro';
  }
}

describe('what a change does to readers', () => {
  test.each(changes.map((change) => [change.name, change] as const))('%s', (_, change) => {
    expect(verdictOn(change)).toBe(change.verdict);
  });
});

describe('the field that cannot be read is found', () => {
  const place = (name: string, ...fields: object[]) => ({ type: 'record', name, fields });
  const x = (type: unknown) => parcelSchema([id, { name: 'x', type }]);
  const city = { name: 'city', type: 'string' };
  const zip = { name: 'zip', type: 'int' };

  test.each([
    ['in the state', x('string'), parcelSchema([id]), 'state.x', /has no default/],
    [
      'in a record of a union',
      x(['null', place('Place', city, zip)]),
      x(['null', place('Place', city)]),
      'state.x.zip',
      /has no default/,
    ],
    [
      'in a record of an array',
      x({ type: 'array', items: place('Place', zip) }),
      x({ type: 'array', items: place('Place', { ...zip, type: 'string' }) }),
      'state.x[].zip',
      /string cannot be read as int/,
    ],
    [
      'where a union has too many branches',
      x(['null', 'int']),
      x(['null', 'int', 'string']),
      'state.x',
      /null \| int \| string cannot be read as null \| int/,
    ],
    [
      'where a symbol is unknown',
      x({ type: 'enum', name: 'G', symbols: ['A'] }),
      x({ type: 'enum', name: 'G', symbols: ['A', 'B'] }),
      'state.x',
      /G \(A, B\) cannot be read as test\.G \(A\)/,
    ],
  ])('%s', (...[, reader, writer, field, reason]) => {
    expect(unreadable(reader, writer)).toEqual([{ field, reason: expect.stringMatching(reason) }]);
  });

  test('every one of them, not only the first', () => {
    const reader = parcelSchema([id, { name: 'x', type: 'string' }, { name: 'y', type: 'string' }]);
    expect(unreadable(reader, parcelSchema([id])).map(({ field }) => field)).toEqual(['state.x', 'state.y']);
  });
});
