import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Verification } from '@reprise/contracts';
import { CodedError, hasReached, type Positions } from '@reprise/kernel';
import { uniqueName } from '@reprise/testing';
import type { GenerationStore, LoadBatch, ViewStore } from '@reprise/view-store';
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
import { forgetting, settlingSlowly } from '../test/odd-generations.js';
import { parcelStores } from '../test/parcel-stores.js';
import { nothingJoined } from './references/reference-table.js';
import { VerificationRun, type VerificationReport } from './verifying/verification.js';

const parcels = 300;

describe.each(parcelStores)(
  'a rebuild into $name',
  ({ groups, open, tamper, spoilt: differences, leftOf }) => {
    const log = new ParcelLog(parcelStream());
    const view = parcelView(log.stream, { groups });
    let store: ViewStore<ParcelRow>;
    let built: Built;
    let name = '';

    beforeAll(async () => {
      store = open();
      await log.provision();
      const keys = Array.from({ length: parcels }, (_, number) => `p${number}`);
      await log.append(keys.map((key) => [key, 1, 1]));
      await log.append(keys.map((key, number) => [key, 2, number % 100]));
      await log.append([['p3', 3, null]]);
      built = await build(log, view, { store: named(store, (given) => (name = given)), number: 1 });
      await caughtUp(log, built);
      await built.runner.seal();
    }, 120_000);

    afterAll(async () => {
      await built.runner.stop();
      await built.generation.drop();
      await log.forget(1);
      await log.stop();
      await store.stop();
    });

    async function verify({ repair = false } = {}): Promise<VerificationReport> {
      const asked: Verification = {
        id: 1,
        repair,
        against: null,
        requestedBy: 'ann',
        requestedAt: 0,
        concludedAt: null,
        entitiesChecked: 0,
        differences: 0,
        repaired: 0,
        problem: null,
        samples: [],
      };
      const run = new VerificationRun({
        view,
        asked,
        store: built.generation,
        against: undefined,
        connection: log.connection,
        joined: nothingJoined,
        letters: built.letters,
        sizes: { loadedEntities: 50, verifiedEntities: 50 },
      });
      await run.run();
      return run.report;
    }

    test('brings the newest state of each entity, once', async () => {
      const rows = await rowsOf(built.generation);
      expect(Object.keys(rows)).toHaveLength(parcels - 1);
      expect(rows['p7']).toBe(7);
      expect(rows['p3']).toBeUndefined();
    });

    test('goes on with what comes after, as if it had been fed from the first record', async () => {
      await log.append([
        ['p5', 3, 77],
        ['p6', 3, null],
        ['p3', 2, 4], // late: its tombstone told version 3
        ['new', 1, 9],
      ]);
      await caughtUp(log, built);
      const rows = await rowsOf(built.generation);
      expect([rows['p5'], rows['p6'], rows['p3'], rows['new']]).toEqual([77, undefined, undefined, 9]);
    });

    test('is verified as what the log says', async () => {
      expect(await verify()).toMatchObject({ isDone: true, problem: null, differences: 0 });
    });

    test('a row that was changed by hand, one that is lost, sums, extremes and indexes that are wrong are found, told, and mended', async () => {
      await tamper(name);
      const found = await verify();
      expect(found).toMatchObject({ isDone: true, problem: null, differences, repaired: 0 });
      expect(found.samples).toContainEqual(
        expect.objectContaining({
          entity: 'p1',
          expected: '{"weightGrams":1}',
          actual: '{"weightGrams":-1}',
        }),
      );
      expect(found.samples).toContainEqual(
        expect.objectContaining({ entity: 'p2', expected: '{"weightGrams":2}', actual: null }),
      );
      expect(await verify({ repair: true })).toMatchObject({
        problem: null,
        differences,
        repaired: differences,
      });
      expect(await verify()).toMatchObject({ problem: null, differences: 0 });
    });

    test('a row whose tombstone was lost is found and removed', async () => {
      const partition = (await built.generation.positions()).keys().next().value ?? '';
      const claim = await built.generation.claim(partition);
      const { nextOffset, references } = claim;
      const contributed = { version: 1, rows: ['ghost'], groups: [], references: [], state: null };
      await built.generation.apply({
        claim,
        nextOffset,
        references,
        links: [],
        contributed: new Map([['ghost', contributed]]),
        changes: [{ kind: 'put', entity: 'ghost', version: 1, key: 'ghost', row: { weightGrams: 13 } }],
      });
      expect(await verify()).toMatchObject({
        differences: 1,
        samples: [{ entity: 'ghost', expected: null, actual: '{"weightGrams":13}' }],
      });
      expect(await verify({ repair: true })).toMatchObject({ problem: null, differences: 1, repaired: 1 });
      expect((await rowsOf(built.generation))['ghost']).toBeUndefined();
    });

    test.each(['before', 'after'] as const)(
      'that broke off %s any of its writes is taken up by the next owner, and ends the same',
      async (when) => {
        for (const failing of [0, 1, 4, 8]) {
          const generation = store.generation(uniqueName('parcels_g'));
          const fragile = breaking(generation, failing, when);
          const broken = await build(log, view, { store, number: 2, generation: fragile });
          await within(() => Promise.resolve(fragile.isBroken() || 'no write has broken off'));
          await broken.runner.stop();
          const next = await build(log, view, { store, number: 2, generation });
          await caughtUp(log, next);
          expect(await rowsOf(generation)).toEqual(await rowsOf(built.generation));
          await next.runner.stop();
          await generation.drop();
        }
        await log.forget(2);
      },
      180_000,
    );

    test('sets aside what it cannot decode, and shows what stood before it', async () => {
      await log.append([['p9', 3, Buffer.from('poison')]]);
      const generation = store.generation(uniqueName('parcels_g'));
      const poisoned = await build(log, view, { store, number: 4, generation });
      await caughtUp(log, poisoned);
      expect((await rowsOf(generation))['p9']).toBe(9);
      expect(Object.keys(await rowsOf(generation))).toHaveLength(
        Object.keys(await rowsOf(built.generation)).length,
      );
      const letters = [0, 1, 2].flatMap((partition) =>
        poisoned.letters.unclosedIn(`${log.stream.topic}/${partition}`),
      );
      expect(letters).toMatchObject([{ key: 'p9', code: 'record-undecodable', status: 'open' }]);
      await poisoned.runner.stop();
      await generation.drop();
      await log.forget(4);
    });

    test('into a store that lost what it had acknowledged and shown is given it again, also when nothing more comes', async () => {
      const generation = store.generation(uniqueName('parcels_g'));
      const forgetful = forgetting(generation);
      const fed = await build(log, view, { store, number: 5, generation: forgetful });
      await caughtUp(log, fed);
      forgetful.acknowledgeOnly(true);
      await log.append([['p4', 3, 44]]);
      await caughtUp(log, fed);
      await within(() =>
        Promise.resolve(
          hasReached(fed.runner.progress().reached ?? new Map(), forgetful.acknowledged) || 'it is not shown',
        ),
      );
      expect((await rowsOf(generation))['p4']).toBe(4);
      forgetful.acknowledgeOnly(false);
      await within(async () => (await rowsOf(generation))['p4'] === 44 || 'it is not applied again');
      await fed.runner.stop();
      await generation.drop();
      await log.forget(5);
    });

    test('tells what is applied before it is visible, until queries are answered from it', async () => {
      const generation = store.generation(uniqueName('parcels_g'));
      const { slow, settling } = settlingSlowly(generation);
      const fed = await build(log, view, { store, number: 6, generation: slow });
      const isToldOf = (ends: Positions) => hasReached(fed.runner.progress().reached ?? new Map(), ends);
      await caughtUp(log, fed);
      await fed.runner.seal();
      const { promise: held, resolve: goOn } = Promise.withResolvers<undefined>();
      settling.held = held;
      try {
        await log.append([['p9', 3, 5]]);
        const ends = await log.ends();
        await within(() => Promise.resolve(isToldOf(ends) || 'it is not told of'));
        fed.runner.isLive = true;
        expect(isToldOf(ends)).toBe(false);
        goOn(undefined);
        await within(() => Promise.resolve(isToldOf(ends) || 'it is not visible'));
      } finally {
        goOn(undefined);
      }
      await fed.runner.stop();
      await generation.drop();
      await log.forget(6);
    });

    test('of a stream that has other partitions than it is declared with is refused', async () => {
      const grown = parcelView({ ...log.stream, partitions: 5 }, { groups });
      await expect(build(log, grown, { store, number: 3 })).rejects.toMatchObject({ code: 'stream-differs' });
    });

    test('that is dropped, whole or in the middle of its load, leaves nothing in the store', async () => {
      for (const load of [true, false]) {
        const half = uniqueName('parcels_g');
        await store.generation(half).open([`${log.stream.topic}/0`], { load });
        await store.generation(half).seal();
        expect(await leftOf(half)).not.toEqual([]);
        await store.generation(half).drop();
        expect(await leftOf(half)).toEqual([]);
      }
    });

    test('a builder that was fenced by a repair goes on', async () => {
      await log.append([['p8', 3, 88]]);
      await caughtUp(log, built);
      expect((await rowsOf(built.generation))['p8']).toBe(88);
    });
  },
);

/** The connection breaks at one of the writes of a load, for good; the write itself is done or not. */
function breaking(
  generation: GenerationStore<ParcelRow>,
  failing: number,
  when: 'before' | 'after',
): GenerationStore<ParcelRow> & { readonly isBroken: () => boolean } {
  let loads = 0;
  const away = new CodedError('store-away', 'the connection broke', { decision: 'retry' });
  const broken: GenerationStore<ParcelRow> = Object.create(generation) as GenerationStore<ParcelRow>;
  return Object.assign(broken, {
    isBroken: () => loads > failing,
    load: async (batch: LoadBatch<ParcelRow>) => {
      loads += 1;
      if (loads <= failing) return generation.load(batch);
      if (loads === failing + 1 && when === 'after') await generation.load(batch);
      throw away;
    },
  });
}

/** Tells the name of the generation that is opened. */
function named(store: ViewStore<ParcelRow>, tell: (name: string) => void): ViewStore<ParcelRow> {
  return {
    generation: (name) => {
      tell(name);
      return store.generation(name);
    },
    stop: () => store.stop(),
  };
}
