import { describe, expect, test } from '@jest/globals';
import { parseOptions } from './options.js';

const parse = (...args: string[]) => parseOptions(args, '/checkout');

describe('the options of npm start', () => {
  test('by default the first month is replayed, in the foreground, from port 7400 on', () => {
    expect(parse()).toEqual({
      engines: undefined,
      selection: { month: 1 },
      speed: undefined,
      detach: false,
      replay: true,
      portBase: 7_400,
      stateDir: '/checkout/.reprise',
      beside: [],
      supervise: false,
    });
  });

  test('all of them can be given', () => {
    const args = ['--engines=local', '--all', '--speed=60', '--detach', '--no-replay', '--port-base=9000'];
    expect(parse(...args, '--state-dir=/tmp/elsewhere')).toMatchObject({
      engines: 'local',
      selection: 'all',
      speed: 60,
      detach: true,
      replay: false,
      portBase: 9_000,
      stateDir: '/tmp/elsewhere',
    });
  });

  test('views of other checkouts can be named, their folders from the root of this one', () => {
    const args = ['--beside=flight-search=../before', '--beside=departure-board=/srv/next'];
    expect(parse(...args).beside).toEqual([
      { view: 'flight-search', root: '/before' },
      { view: 'departure-board', root: '/srv/next' },
    ]);
  });

  test.each([
    ['--beside=flight-search', '--beside takes a view and a folder'],
    ['--month=13', '--month takes a whole number from 1 to 12'],
    ['--month=', '--month takes a whole number from 1 to 12'],
    ['--month=1.5', '--month takes a whole number from 1 to 12'],
    ['--speed=fast', '--speed takes a number'],
    ['--port-base=80', '--port-base takes a whole number from 1024 to 65000'],
    ['--engines=cloud', '--engines takes docker or local'],
    ['--moth=2', "Unknown option '--moth'"],
    ['january', 'Unexpected argument'],
  ])('%s is refused with what is possible instead', (arg, reason) => {
    expect(() => parse(arg)).toThrow(reason);
    expect(() => parse(arg)).toThrow('Usage: npm start');
  });

  test('one month and all of them exclude each other', () => {
    expect(() => parse('--month=2', '--all')).toThrow('--month and --all exclude each other');
  });
});
