import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ViewGenerations } from '@reprise/contracts';
import { ControlPlaneSetting } from '../test/control-plane-setting.js';
import { builderSays, letter } from '../test/facts.js';
import { checked, has, searchViewOn, until, view, type SearchView } from '../test/search-view.js';
import type { ControlPlane } from './control-plane.js';
import { wasRefused } from './generations/view-generations-store.js';

jest.setTimeout(60_000);

const operator = { correlationId: 'c', causationId: 'c', actor: 'ann' };
let setting: ControlPlaneSetting;
let report: SearchView['report'];
let at: SearchView['at'];
let firstLive: SearchView['firstLive'];

beforeEach(async () => {
  setting = await ControlPlaneSetting.open();
  ({ report, at, firstLive } = searchViewOn(setting));
});

afterEach(async () => {
  await setting.close();
  expect(setting.fatal).toEqual([]);
});

async function stored(plane: ControlPlane): Promise<ViewGenerations> {
  const outcome = await plane.store.read(view);
  if (wasRefused(outcome)) throw new Error(outcome.detail);
  return outcome;
}

describe('a view that a builder announces', () => {
  test('is built, caught up and put live by itself, and everyone hears of it on the stream', async () => {
    const plane = await setting.startPlane();
    const [first, second] = await firstLive(plane);
    expect(first + second).toBe(100);
    expect(await stored(plane)).toMatchObject({
      view,
      live: 1,
      previous: null,
      sourceTopics: [setting.sourceTopic],
    });
    while (plane.views.view(view)?.live !== 1) await plane.reports.changed(50);
    expect(plane.views.view(view)).toEqual(await stored(plane));
  });
});

describe('a rebuild', () => {
  test('goes live beside the old one, which is rolled back to and retired later', async () => {
    const plane = await setting.startPlane();
    const all = await firstLive(plane);
    const begun = await plane.operations.rebuild(view, { autoFlip: false }, operator);
    expect(begun).toMatchObject({
      generations: [{ number: 1 }, { number: 2, status: 'building', requestedBy: 'ann' }],
    });
    await expect(plane.operations.rebuild(view, { autoFlip: false }, operator)).resolves.toMatchObject({
      code: 'rebuild-under-way',
    });
    await report({ 1: at(all), 2: checked(at(all)) });
    await until(plane, has(2, 'ready'));
    expect(await plane.operations.flip(view, { number: 2 }, operator)).toMatchObject({
      live: 2,
      previous: 1,
    });
    expect(await plane.operations.rollBack(view, {}, operator)).toMatchObject({ live: 1, previous: null });
    const again = await plane.operations.rollBack(view, {}, operator);
    expect(again).toMatchObject({ code: 'already-rolled-back' });
    expect(await plane.operations.retire(view, 2, operator)).toMatchObject({ live: 1, previous: null });
    await report({ 1: at(all), 2: { dropped: true } });
    const known = await until(plane, ({ generations }) => generations.some(({ dropped }) => dropped));
    expect(known.generations[1]).toMatchObject({ number: 2, status: 'retired', dropped: true });
  });

  test('goes on where it was when the control plane is started anew', async () => {
    const before = await setting.startPlane();
    const all = await firstLive(before);
    await before.operations.rebuild(view, { autoFlip: true }, operator);
    await setting.stopPlane(before);
    await report({ 1: at(all), 2: checked(at(all)) });
    const after = await setting.startPlane();
    expect(await until(after, has(2, 'live'))).toMatchObject({ live: 2, previous: 1 });
  });

  test('that is found wrong never goes live, and says what is wrong', async () => {
    const plane = await setting.startPlane();
    const all = await firstLive(plane);
    await plane.operations.rebuild(view, { autoFlip: true }, operator);
    await report({ 1: at(all), 2: checked(at(all), 2) });
    const known = await until(plane, has(2, 'failed'));
    expect(known).toMatchObject({ live: 1, generations: [{}, { verification: { differences: 2 } }] });
    expect(known.generations[1]?.reason).toContain('row k1 is missing');
  });

  test('that takes longer than tombstones are kept fails, with the reason', async () => {
    const plane = await setting.startPlane();
    await firstLive(plane);
    await plane.operations.rebuild(view, { autoFlip: true }, operator);
    setting.aheadMs = 25 * 3_600_000;
    const known = await until(plane, has(2, 'failed'));
    expect(known.generations[1]?.reason).toContain('tombstones');
  });
});

describe('a flip', () => {
  /** Generation 2 is ready; then the live one is seen to be seven records ahead of it. */
  async function liveAhead(plane: ControlPlane): Promise<[number, number]> {
    const all = await firstLive(plane);
    await plane.operations.rebuild(view, { autoFlip: false }, operator);
    await report({ 1: at(all), 2: checked(at(all)) });
    await until(plane, has(2, 'ready'));
    const more: [number, number] = [all[0] + 7, all[1]];
    await report({ 1: at(more), 2: at(all) });
    while (plane.reports.of(view).applied.get(1)?.get(setting.partition(0)) !== BigInt(more[0])) {
      await plane.reports.changed(50);
    }
    return more;
  }

  test('waits until the new generation has what the live one had shown', async () => {
    const plane = await setting.startPlane();
    const more = await liveAhead(plane);
    const flip = plane.operations.flip(view, { number: 2 }, operator);
    await plane.reports.changed(100);
    expect(await stored(plane)).toMatchObject({ live: 1 });
    await report({ 1: at(more), 2: at(more) });
    expect(await flip).toMatchObject({ live: 2, previous: 1 });
  });

  test('that waited long enough is refused, with partition and distance, and changes nothing', async () => {
    const plane = await setting.startPlane(300);
    await liveAhead(plane);
    const outcome = await plane.operations.flip(view, { number: 2 }, operator);
    expect(outcome).toMatchObject({ code: 'generation-behind' });
    expect(outcome).toHaveProperty(
      'detail',
      expect.stringContaining(`by 7 records in ${setting.partition(0)}`),
    );
    expect(await stored(plane)).toMatchObject({ live: 1, previous: null });
  });

  test('is announced, and made once the live one keeps still and the next one shows no less', async () => {
    const plane = await setting.startPlane(20_000, 20_000);
    const all = await firstLive(plane);
    await plane.operations.rebuild(view, { autoFlip: false }, operator);
    await report({ 1: at(all), 2: checked(at(all)) });
    await until(plane, has(2, 'ready'));
    const flip = plane.operations.flip(view, { number: 2 }, operator);
    await until(plane, ({ flipAnnounced }) => flipAnnounced?.number === 2);
    const more: [number, number] = [all[0] + 7, all[1]];
    for (const said of [at(all), { ...at(all), phase: 'approaching' }]) {
      await report({ 1: { ...at(more), phase: 'still' }, 2: said });
      await plane.reports.changed(1_000);
      expect(await stored(plane)).toMatchObject({ live: 1 });
    }
    await report({ 1: { ...at(more), phase: 'still' }, 2: { ...at(more), phase: 'approaching' } });
    expect(await flip).toMatchObject({ live: 2, previous: 1 });
  });

  test('that is refused is not announced', async () => {
    const plane = await setting.startPlane(300);
    await liveAhead(plane);
    await plane.operations.flip(view, { number: 2 }, operator);
    expect(await stored(plane)).toMatchObject({ live: 1, flipAnnounced: null });
  });

  test('takes a live generation that nobody reports to be at the end of the log', async () => {
    const before = await setting.startPlane();
    const all = await firstLive(before);
    await before.operations.rebuild(view, { autoFlip: false }, operator);
    await report({ 1: at(all), 2: checked(at(all)) });
    await until(before, has(2, 'ready'));
    await setting.stopPlane(before);
    await setting.fillSource(20);
    await setting.forgetReports();
    await report({ 2: at(all) }, 'two');
    const after = await setting.startPlane(300);
    expect(await after.operations.flip(view, { number: 2 }, operator)).toMatchObject({
      code: 'generation-behind',
    });
    await report({ 2: at(await setting.sourceEnds()) }, 'two');
    const end = (await setting.sourceEnds())[0];
    while (after.reports.of(view).applied.get(2)?.get(setting.partition(0)) !== BigInt(end))
      await after.reports.changed(50);
    expect(await after.operations.flip(view, { number: 2 }, operator)).toMatchObject({ live: 2 });
  });
});

describe('two operators at once', () => {
  test.each([
    ['name what they saw live', { from: 2 }],
    ['name nothing', {}],
  ])('who roll back and %s go back once, whoever comes first', async (_, request) => {
    const plane = await setting.startPlane();
    const all = await firstLive(plane);
    await plane.operations.rebuild(view, { autoFlip: false }, operator);
    await report({ 1: at(all), 2: checked(at(all)) });
    await until(plane, has(2, 'ready'));
    await plane.operations.flip(view, { number: 2 }, operator);
    const asked = ['ann', 'bob', 'eve'].map((actor) =>
      plane.operations.rollBack(view, request, { ...operator, actor }),
    );
    const outcomes = await Promise.all(asked);
    const refused = outcomes.filter(wasRefused);
    expect(refused.map(({ code }) => code)).toEqual(['already-rolled-back', 'already-rolled-back']);
    expect(await stored(plane)).toMatchObject({
      live: 1,
      flips: [{ to: 1 }, { to: 2 }, { kind: 'rollback', from: 2, to: 1 }],
    });
  });
});

describe('a generation that stands still', () => {
  test('keeps its time when its builder has ended, its reports are forgotten and the control plane is started anew', async () => {
    const before = await setting.startPlane();
    const all = await firstLive(before);
    await before.operations.rebuild(view, { autoFlip: false }, operator);
    await report({ 1: at(all), 2: checked(at(all)) });
    const known = await until(before, has(2, 'ready'));
    await setting.stopPlane(before);
    await setting.forgetReports();
    const [, second] = known.generations;
    if (!second) throw new Error('no generation 2');
    setting.aheadMs = 3_600_000;
    const after = await setting.startPlane();
    const expiresAt = after.expiry.expiresAtMs(view, second, after.reports.of(view));
    expect(Math.abs((expiresAt ?? 0) - Date.now() - 86_400_000)).toBeLessThan(60_000);
    setting.aheadMs = 25 * 3_600_000;
    const expired = await until(after, has(2, 'failed'));
    expect(expired.generations[1]?.reason).toContain('stood still longer than tombstones are kept');
    expect(expired).toMatchObject({ live: 1 });
  });
});

describe('a rebuild that set records aside', () => {
  test('waits for its operator, who may flip to it all the same', async () => {
    const plane = await setting.startPlane();
    const all = await firstLive(plane);
    const aside = letter(7, { letterId: 'flight_search_g2/t/0/7', view, generation: 2 });
    await setting.writeLetter(aside.letterId, aside);
    while (plane.deadLetters.held.select({ view }).length === 0) await plane.reports.changed(50);
    await plane.operations.rebuild(view, { autoFlip: true }, operator);
    await report({ 1: at(all), 2: checked(at(all)) });
    await until(plane, has(2, 'ready'));
    while (plane.reconciler.trouble(view) === undefined) await plane.reports.changed(50);
    expect(plane.reconciler.trouble(view)).toContain('1 dead letters are open');
    const refused = await plane.operations.flip(view, { number: 2 }, operator);
    expect(refused).toMatchObject({ code: 'letters-open' });
    const flipped = await plane.operations.flip(view, { number: 2, force: true }, operator);
    expect(flipped).toMatchObject({ live: 2, flips: [{ to: 1 }, { kind: 'flip', to: 2, by: 'ann' }] });
  });
});

describe('an older version of the definition', () => {
  test('is built as long as a builder runs it', async () => {
    const plane = await setting.startPlane();
    await firstLive(plane);
    const wanted = { autoFlip: false, definitionVersion: 3 };
    expect(await plane.operations.rebuild(view, wanted, operator)).toMatchObject({ code: 'no-builder' });
    const third = builderSays('three', {}, { definitionVersion: 3 });
    await setting.report(third.instance, { ...third, sourceTopics: [setting.sourceTopic] });
    await until(plane, ({ definitionVersion }) => definitionVersion === 3);
    expect(await plane.operations.rebuild(view, wanted, operator)).toMatchObject({
      generations: [{ definitionVersion: 1 }, { definitionVersion: 3 }],
    });
    await plane.operations.cancel(view, 2, operator);
    const back = { autoFlip: false, definitionVersion: 1 };
    expect(await plane.operations.rebuild(view, back, operator)).toMatchObject({
      generations: [{}, { status: 'retired', reason: 'cancelled by ann' }, { definitionVersion: 1 }],
    });
  });
});
