import { expect, test } from '@jest/globals';
import { builderSays, generation, reportsAt, viewOf } from '../../test/facts.js';
import { problemsOf, problemsOfGeneration, type KnownView } from './problems.js';

const known = (given: Partial<KnownView>): KnownView => ({
  view: viewOf([generation(1, 'live', { fingerprint: 'a' })]),
  facts: reportsAt(0, [builderSays('one', { 1: {} })]),
  trouble: undefined,
  openLetters: new Map(),
  expiries: new Map(),
  waits: new Map(),
  nowMs: 5,
  shadow: new Map(),
  ...given,
});
const running = (fingerprint: string, definitionVersion = 1) =>
  reportsAt(0, [{ ...builderSays('one', { 1: {} }, { definitionVersion }), fingerprint }]);

test('a view where all is well has no problems', () => {
  expect(problemsOf(known({ facts: running('a') }))).toEqual([]);
  expect(problemsOf(known({ facts: running('') }))).toEqual([]);
});

test('reads that a generation answers otherwise than the live one are told', () => {
  const counts = { compared: 40, mismatched: 2, errors: 0, dropped: 0, samples: [] };
  const shadow = new Map([[1, counts]]);
  expect(problemsOfGeneration(known({ shadow }), generation(1, 'ready'))).toEqual([
    '2 of 40 live reads are answered otherwise by it',
  ]);
});

test('code that changed under its version is one', () => {
  expect(problemsOf(known({ facts: running('b') }))).toEqual([
    "the projection's code changed under version 1: raise the version",
  ]);
  expect(problemsOf(known({ facts: running('b', 2) }))).not.toContain(
    "the projection's code changed under version 2: raise the version",
  );
});

test('a generation tells its own, a view those of all', () => {
  const facts = reportsAt(0, [
    builderSays('one', { 1: { problem: 'no disk' } }),
    builderSays('two', { 1: { problem: 'no disk' } }),
  ]);
  const both = known({ facts, openLetters: new Map([[1, 2]]), trouble: 'held up' });
  expect(problemsOfGeneration(both, generation(1, 'live'))).toEqual(['no disk', '2 dead letters are open']);
  expect(problemsOf(both)).toEqual([
    'generation 1: no disk',
    'generation 1: 2 dead letters are open',
    'held up',
  ]);
});

test('a live generation that stood still for too long must be rebuilt', () => {
  expect(problemsOf(known({ expiries: new Map([[1, 5]]) }))).toEqual([]);
  expect(problemsOf(known({ expiries: new Map([[1, 4]]) }))).toEqual([
    'generation 1: rebuild needed: it stood still longer than tombstones are kept',
  ]);
});
