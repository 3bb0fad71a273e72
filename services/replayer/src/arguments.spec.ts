import { describe, expect, test } from '@jest/globals';
import { readArguments } from './arguments.js';

const needed = ['--commands=http://127.0.0.1:3001/', '--state=state.json'];

describe('the arguments', () => {
  test('name what to replay, from where, and how fast', () => {
    expect(readArguments([...needed, '--month=2', '--speed=60', '--control=http://127.0.0.1:3002'])).toEqual({
      commandsUrl: 'http://127.0.0.1:3001',
      controlUrl: 'http://127.0.0.1:3002',
      stateFile: 'state.json',
      months: [2],
      speed: 60,
    });
    const { months, controlUrl, speed } = readArguments([...needed, '--all']);
    expect({ months, controlUrl, speed }).toEqual({
      months: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
      controlUrl: undefined,
      speed: undefined,
    });
  });

  test.each([
    ['--commands is missing', ['--state=s', '--all']],
    ['--state is missing', ['--commands=http://127.0.0.1', '--all']],
    ['give either --month or --all', needed],
    ['give either --month or --all', [...needed, '--all', '--month=1']],
    ['--month must be 1 to 12, not 13', [...needed, '--month=13']],
    ['--speed must be a number above 0, not 0', [...needed, '--all', '--speed=0']],
    ['--control must be an http address, not ftp://x', [...needed, '--all', '--control=ftp://x']],
    ['Unknown option', [...needed, '--all', '--fast']],
  ])('that are wrong say so: %s', (problem, args) => {
    expect(() => readArguments(args)).toThrow(problem);
  });
});
