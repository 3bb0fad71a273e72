import { describe, expect, test } from '@jest/globals';
import { StallWatch, type Observation } from './stall-watch.js';

const observation = (nowMs: number, about: Partial<Observation> = {}): Observation => ({
  nowMs,
  assigned: ['t/0'],
  positions: new Map([['t/0', 5n]]),
  ends: new Map([
    ['t/0', 9n],
    ['t/1', 9n],
  ]),
  working: new Set(),
  ...about,
});

/** What the watch says at 0, 10 and 20 s. */
function watched(about: (nowMs: number) => Partial<Observation> = () => ({})): (string | undefined)[] {
  const watch = new StallWatch(20_000);
  return [0, 10_000, 20_000].map((nowMs) => watch.observe(observation(nowMs, about(nowMs))));
}

const stalled = 'nothing was read for 20000 ms, though t/0 have more';

describe('a watch over a reader', () => {
  test('sees that there is more to read and nothing was read', () => {
    expect(watched()).toEqual([undefined, undefined, stalled]);
  });

  test('sees one partition stand still while another is read', () => {
    const said = watched((nowMs) => ({
      assigned: ['t/0', 't/1'],
      positions: new Map([
        ['t/0', 5n],
        ['t/1', BigInt(nowMs / 10_000)],
      ]),
    }));
    expect(said).toEqual([undefined, undefined, stalled]);
  });

  test('sees that a partition is never claimed', () => {
    expect(watched(() => ({ positions: new Map() })).at(-1)).toBe(stalled);
  });

  test('sees that its group never gives it anything', () => {
    expect(watched(() => ({ assigned: undefined })).at(-1)).toBe(
      'nothing was read for 20000 ms, though its group gave it no answer',
    );
  });

  test.each<[string, (nowMs: number) => Partial<Observation>]>([
    ['all is read', () => ({ positions: new Map([['t/0', 9n]]) })],
    ['nothing is assigned to it', () => ({ assigned: [] })],
    [
      'something was read meanwhile, however little',
      (nowMs) => ({ positions: new Map([['t/0', BigInt(nowMs / 10_000)]]) }),
    ],
    ['it is at one piece of work, as with a slow store', () => ({ working: new Set(['t/0']) })],
  ])('says nothing while %s', (_, about) => {
    expect(watched(about)).toEqual([undefined, undefined, undefined]);
  });

  test('gives a reader that was started anew its time again', () => {
    const watch = new StallWatch(20_000);
    const said = [0, 10_000, 30_000, 40_000, 60_000].map((nowMs) => watch.observe(observation(nowMs)));
    expect(said.map((reason) => reason !== undefined)).toEqual([false, false, true, false, true]);
  });
});
