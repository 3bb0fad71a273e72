import { describe, expect, test } from '@jest/globals';
import { parseProofOptions } from './proof-options.js';

describe('the options of test:compose', () => {
  test('by default it takes the engine that is there, and official images', () => {
    expect(parseProofOptions([], '/checkout')).toEqual({
      ownEngine: false,
      standIns: false,
      engineDir: '/checkout/.cache/docker',
      ports: '94',
      reuseImage: false,
      profile: undefined,
      days: 31,
    });
  });

  test('the profile with three brokers is proved by itself', () => {
    expect(parseProofOptions(['--profile=scale'], '/checkout').profile).toBe('scale');
  });

  test('an engine of its own may have another folder', () => {
    expect(
      parseProofOptions(['--own-engine', '--stand-ins', '--engine-dir=/engine'], '/checkout'),
    ).toMatchObject({
      ownEngine: true,
      standIns: true,
      engineDir: '/engine',
    });
  });

  test.each([
    ['--ports=4'],
    ['--days=32'],
    ['--days=two'],
    ['--ports=0x'],
    ['--profile=tools'],
    ['--ports=123'],
    ['--speed=3'],
    ['all'],
  ])('%s is refused', (argument) => {
    expect(() => parseProofOptions([argument], '/checkout')).toThrow('Usage: npm run test:compose');
  });
});
