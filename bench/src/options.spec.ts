import { expect, test } from '@jest/globals';
import { readOptions, UsageError } from './options.js';

const read = (...args: string[]) => readOptions(args, '/root');

test('left alone, four years are rebuilt three times by two builders', () => {
  const { isWanted, ...options } = read('rebuild');
  expect(options).toEqual({
    command: 'rebuild',
    years: 4,
    runs: 3,
    builders: 2,
    portBase: 22_400,
    stateDir: '/root/.reprise-bench',
  });
  expect(isWanted('redis')).toBe(true);
});

test('--only narrows each kind of name by itself', () => {
  const { isWanted } = read('rebuild', '--only=reprise,postgres,redis');
  const names = ['reprise', 'hand-written', 'postgres', 'redis', 'elasticsearch', 'schedule-first'];
  expect(names.filter(isWanted)).toEqual(['reprise', 'postgres', 'redis', 'schedule-first']);
});

test.each([
  [[]],
  [['rebild']],
  [['rebuild', 'steady']],
  [['rebuild', '--years=2']],
  [['rebuild', '--runs=0']],
  [['rebuild', '--only=mysql']],
  [['rebuild', '--verbose']],
])('%j is refused', (args) => {
  expect(() => read(...args)).toThrow(UsageError);
});
