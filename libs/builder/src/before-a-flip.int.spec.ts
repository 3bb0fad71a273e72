import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { hasReached, type Positions } from '@reprise/kernel';
import { uniqueName } from '@reprise/testing';
import type { ViewStore } from '@reprise/view-store';
import { settlingSlowly } from '../test/odd-generations.js';
import {
  build,
  caughtUp,
  ParcelLog,
  parcelStream,
  parcelView,
  rowsOf,
  within,
  type Built,
  type ParcelRow,
} from '../test/parcel-setting.js';
import { parcelStores } from '../test/parcel-stores.js';

/** Several times as long as one that approaches rests between two settles. */
const quietMs = 300;
/** Much longer: also a machine that stops for a while looks before it is over. */
const restMs = 10 * quietMs;

describe.each(parcelStores)('before a flip in $name', ({ groups, open }) => {
  const log = new ParcelLog(parcelStream());
  const view = parcelView(log.stream, { groups });
  const fed = new Map<number, Built>();
  let store: ViewStore<ParcelRow>;

  beforeAll(async () => {
    store = open();
    await log.provision();
    await log.append([
      ['p1', 1, 10],
      ['p2', 1, 20],
      ['p3', 1, 30],
    ]);
  });

  afterEach(async () => {
    for (const [number, { runner, generation }] of fed) {
      await runner.stop();
      await generation.drop();
      await log.forget(number);
    }
    fed.clear();
  });

  afterAll(async () => {
    await log.stop();
    await store.stop();
  });

  /** The live generation of two, and the one that is to go live; `held` is what the second hears of the first. */
  async function announced(held: (live: Built) => Positions | undefined) {
    const { slow, settling } = settlingSlowly(store.generation(uniqueName('parcels_g')));
    const live = await build(log, view, { store, number: 1 });
    fed.set(1, live);
    const next = await build(log, view, { store, number: 2, generation: slow, heldStill: () => held(live) });
    fed.set(2, next);
    for (const each of [live, next]) {
      await caughtUp(log, each);
      await each.runner.seal();
      each.runner.isLive = each === live;
      each.runner.prepareFlip(60_000);
    }
    return { live, next, settling };
  }

  const isToldOf = ({ runner }: Built, ends: Positions): boolean =>
    hasReached(runner.progress().reached ?? new Map(), ends);

  const still = ({ runner }: Built): Positions | undefined => {
    const { phase, reached } = runner.progress();
    return phase === 'still' ? reached : undefined;
  };

  test('the live generation keeps still, while the next one shows readers all that comes', async () => {
    const { live, next } = await announced(() => undefined);
    await log.append([['p1', 2, 77]]);
    const ends = await log.ends();
    await within(() => Promise.resolve(isToldOf(next, ends) || 'the next one is not told of'));
    expect(hasReached(await next.generation.positions(), ends)).toBe(true);
    expect([live, next].map(({ runner }) => runner.progress().phase)).toEqual(['still', 'approaching']);
    expect(isToldOf(live, ends)).toBe(false);
    expect((await rowsOf(live.generation))['p1']).toBe(10);
    for (const { runner } of [live, next]) runner.endFlip(0);
    await within(() => Promise.resolve(isToldOf(live, ends) || 'the one that was live does not go on'));
  });

  test('one that shows all of the live one shows no more until the flip was made, and for a moment after', async () => {
    const { live, next, settling } = await announced(still);
    const before = await log.ends();
    await within(() => Promise.resolve(still(live) !== undefined || 'the live one does not keep still'));
    await within(() => Promise.resolve(isToldOf(next, before) || 'the next one does not approach'));
    const readBefore = next.runner.progress().recordsRead;
    await log.append([['p1', 3, 78]]);
    const ends = await log.ends();
    await within(() =>
      Promise.resolve(next.runner.progress().recordsRead > readBefore || 'the next one does not work on'),
    );
    const { count } = settling;
    await pause(quietMs);
    expect(isToldOf(next, ends)).toBe(false);
    for (const { runner } of [live, next]) runner.endFlip(restMs);
    await pause(quietMs);
    expect(settling.count).toBe(count);
    await within(() => Promise.resolve(isToldOf(live, ends) || 'the one that was live does not go on'));
    await within(
      async () => hasReached(await next.generation.positions(), ends) || 'the new one does not go on',
    );
    await within(() => Promise.resolve(settling.count > count || 'readers are shown nothing more'));
  });
});
