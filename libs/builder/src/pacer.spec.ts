import { describe, expect, test } from '@jest/globals';
import { Pacer } from './pacer.js';

describe('a pacer', () => {
  test('lets everything through while nothing is asked', async () => {
    await expect(new Pacer().let(1_000_000)).resolves.toBeUndefined();
  });

  test('lets a limit be used up, and then only when it is paid for', async () => {
    let nowMs = 0;
    const pacer = new Pacer(() => nowMs);
    pacer.set({ paused: false, maxRecordsPerSecond: 100 });
    await pacer.let(100);
    let isThrough = false;
    const second = pacer.let(1).then(() => (isThrough = true));
    nowMs = 999;
    await new Promise(setImmediate);
    expect(isThrough).toBe(false);
    nowMs = 1_001;
    await second;
    expect(isThrough).toBe(true);
  });

  test('holds what waits while it is paused, and lets it go when it is stopped', async () => {
    const pacer = new Pacer();
    pacer.set({ paused: true, maxRecordsPerSecond: null });
    expect(pacer.isPaused).toBe(true);
    const waiting = pacer.let(1);
    pacer.stop();
    await expect(waiting).rejects.toMatchObject({ code: 'reading-stopped', decision: 'retry' });
  });

  test('goes on when it is resumed', async () => {
    const pacer = new Pacer();
    pacer.set({ paused: true, maxRecordsPerSecond: null });
    const waiting = pacer.let(1);
    pacer.set({ paused: false, maxRecordsPerSecond: null });
    await expect(waiting).resolves.toBeUndefined();
  });
});
