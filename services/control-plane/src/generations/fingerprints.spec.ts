import { describe, expect, test } from '@jest/globals';
import { atMs, codeOf, flipped, given, ready, started, targets } from '../../test/history.js';
import type { StartRebuild } from './commands.js';
import type { GenerationsEvent } from './events.js';

const rebuild = (definitionVersion: number, fingerprints: readonly string[]): StartRebuild => ({
  type: 'StartRebuild',
  autoFlip: false,
  definitionVersion,
  fingerprints,
  targets,
  requestedBy: 'bob',
  atMs,
});
/** Version 1 of the definition is live, begun with this code. */
const liveWith = (fingerprint: string): GenerationsEvent[] => [
  started(1, false, { fingerprint }),
  ...ready(1).slice(1),
  flipped(1),
];

describe('a rebuild', () => {
  test('remembers the code that it is begun with', () => {
    const { state } = given(...liveWith('a')).when(rebuild(1, ['a']));
    expect(state?.generations[1]?.fingerprint).toBe('a');
  });

  test('is refused when a builder runs other code under the same version', () => {
    expect(codeOf(given(...liveWith('a')).when(rebuild(1, ['b'])).decision)).toBe('definition-changed');
    expect(codeOf(given(...liveWith('a')).when(rebuild(1, ['a', 'b'])).decision)).toBe('definition-changed');
  });

  test('is refused when builders of one version run different code', () => {
    expect(codeOf(given(...liveWith('')).when(rebuild(1, ['a', 'b'])).decision)).toBe('definition-changed');
  });

  test('of another version may have other code, beside the first, and back again', () => {
    const second: GenerationsEvent[] = [
      started(2, false, { definitionVersion: 2, fingerprint: 'b' }),
      ...ready(2).slice(1),
      flipped(2),
    ];
    expect(given(...liveWith('a')).when(rebuild(2, ['b'])).state?.generations[1]).toMatchObject({
      definitionVersion: 2,
      fingerprint: 'b',
    });
    const back = given(...liveWith('a'), ...second).when(rebuild(1, ['a']));
    expect(back.state?.generations[2]).toMatchObject({ definitionVersion: 1, fingerprint: 'a' });
  });

  test('that no builder tells the code of takes it to be what it was', () => {
    const { state } = given(...liveWith('a')).when(rebuild(1, []));
    expect(state?.generations[1]?.fingerprint).toBe('a');
  });

  test('forgets the code of what is gone', () => {
    const retired: GenerationsEvent = { event: 'GenerationRetired', number: 2, reason: 'x', atMs };
    const gone = [started(2, false, { definitionVersion: 2, fingerprint: 'b' }), retired];
    expect(
      given(...gone)
        .when(rebuild(2, ['c']))
        .state?.generations.at(-1)?.fingerprint,
    ).toBe('c');
  });
});
