import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LagClock } from './lag-clock.js';

/** A clock that saw these ends at these moments. */
function clockOf(...sightings: readonly [end: number, atMs: number][]): LagClock {
  const clock = new LagClock();
  for (const [end, atMs] of sightings) clock.see(BigInt(end), atMs);
  return clock;
}

describe('for how long records have waited', () => {
  test('nothing waits where all that was seen is applied, however long ago that was', () => {
    expect(clockOf([10, 1_000]).waitingMs(10n, 0, 900_000)).toBe(0);
    expect(new LagClock().waitingMs(0n, undefined, 900_000)).toBe(0);
  });

  test('a record that comes after an hour of quiet has waited since it came, not for that hour', () => {
    const clock = clockOf([10, 0], [11, 3_600_000]);
    expect(clock.waitingMs(10n, 0, 3_600_250)).toBe(250);
  });

  test('an end that is seen again is as old as when it was seen first', () => {
    const clock = clockOf([10, 0], [12, 1_000], [12, 2_000], [12, 3_000]);
    expect(clock.waitingMs(10n, undefined, 4_000)).toBe(3_000);
  });

  test('what was there before anybody looked is at least as new as the newest that was applied', () => {
    const clock = clockOf([10, 60_000]);
    expect(clock.waitingMs(4n, 20_000, 61_000)).toBe(41_000);
    expect(clock.waitingMs(4n, undefined, 61_000)).toBe(1_000);
  });

  test('progress moves it forward', () => {
    const clock = clockOf([0, 0], [10, 1_000], [20, 2_000], [30, 3_000]);
    expect([0n, 9n, 10n, 25n, 30n].map((next) => clock.waitingMs(next, undefined, 5_000))).toEqual([
      4_000, 4_000, 3_000, 2_000, 0,
    ]);
  });

  test('it remembers a bounded number of moments, and is then wrong by a 128th of the whole time at most', () => {
    const seconds = 100_000;
    const clock = new LagClock();
    for (let second = 0; second < seconds; second += 1) clock.see(BigInt(second), second * 1_000);
    const nowMs = seconds * 1_000;
    for (const next of [0, 1, 777, 50_000, 99_000, 99_990]) {
      const wrongBy = nowMs - (next + 1) * 1_000 - clock.waitingMs(BigInt(next), undefined, nowMs);
      expect(Math.abs(wrongBy)).toBeLessThanOrEqual(nowMs / 128);
    }
  });

  test('what nobody asks for any more is forgotten, and what came since is as new as it was', () => {
    const clock = clockOf([10, 0], [11, 3_600_000], [12, 3_601_000]);
    clock.forget(11n);
    expect(clock.waitingMs(11n, 0, 3_602_000)).toBe(1_000);
    clock.forget(12n);
    clock.see(13n, 7_200_000);
    expect(clock.waitingMs(12n, 0, 7_200_250)).toBe(250);
    // A generation that begins at offset zero is behind by what is known.
    expect(clock.waitingMs(0n, undefined, 7_200_250)).toBe(7_200_250 - 3_601_000);
  });

  test('it never goes back while nothing is applied, nor below zero', () => {
    const steps = fc.array(fc.tuple(fc.nat(50), fc.nat(1_000)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(steps, fc.nat(500), (grown, applied) => {
        const clock = new LagClock();
        let [end, nowMs, before] = [0, 0, 0];
        for (const [more, laterMs] of grown) {
          end += more;
          nowMs += laterMs;
          clock.see(BigInt(end), nowMs);
          const waiting = clock.waitingMs(BigInt(applied), undefined, nowMs);
          expect(waiting).toBeGreaterThanOrEqual(before);
          expect(waiting === 0 || end > applied).toBe(true);
          before = waiting;
        }
      }),
    );
  });
});
