import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ViewGenerations } from '@reprise/contracts';
import { ControlPlaneSetting } from '../test/control-plane-setting.js';
import { builderSays, type Said } from '../test/facts.js';
import type { ControlPlane } from './control-plane.js';
import { wasRefused } from './generations/view-generations-store.js';

jest.setTimeout(60_000);

const view = 'flight-search';
const operator = { correlationId: 'c', causationId: 'c', actor: 'ann' };
let setting: ControlPlaneSetting;

beforeEach(async () => {
  setting = await ControlPlaneSetting.open();
});

afterEach(async () => {
  await setting.close();
  expect(setting.fatal).toEqual([]);
});

/** A builder reports generations by their positions in the source's two partitions. */
function report(generations: Record<number, Said>, instance = 'one') {
  const said = builderSays(instance, generations);
  return setting.report(said.instance, { ...said, sourceTopics: [setting.sourceTopic] });
}

function at([first, second]: [number, number], behind = 0): Said {
  return {
    partitions: { [setting.partition(0)]: [first - behind, first], [setting.partition(1)]: [second, second] },
  };
}

/** It carried its first check through, and found this much wrong. */
function checked(said: Said, differences = 0): Said {
  const expected = '{"delay":5}';
  const sample = { kind: 'row', entity: 'k1', key: 'k1', expected, actual: null };
  const samples = Array.from({ length: differences }, () => sample);
  return { ...said, verification: { id: 1, isDone: true, entitiesChecked: 100, differences, samples } };
}

async function stored(plane: ControlPlane): Promise<ViewGenerations> {
  const outcome = await plane.store.read(view);
  if (wasRefused(outcome)) throw new Error(outcome.detail);
  return outcome;
}

/** Until the control plane has it so; it looks again with every report and every tick. */
async function until(
  plane: ControlPlane,
  isSo: (known: ViewGenerations) => boolean,
): Promise<ViewGenerations> {
  for (;;) {
    const known = await plane.store.read(view);
    if (!wasRefused(known) && isSo(known)) return known;
    await plane.reports.changed(50);
  }
}

const statusOf = (known: ViewGenerations, number: number): string | undefined =>
  known.generations.find((generation) => generation.number === number)?.status;
const has = (number: number, status: string) => (known: ViewGenerations) =>
  statusOf(known, number) === status;

async function firstLive(plane: ControlPlane): Promise<[number, number]> {
  await setting.fillSource(100);
  await report({});
  await until(plane, has(1, 'building'));
  const all = await setting.sourceEnds();
  await report({ 1: at(all) });
  await until(plane, has(1, 'verifying'));
  await report({ 1: checked(at(all)) });
  await until(plane, has(1, 'live'));
  return all;
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
    expect(await plane.operations.rollBack(view, operator)).toMatchObject({ live: 1, previous: 2 });
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
    expect(known.generations[1]?.reason).toContain('row k1: expected {"delay":5}, actual nothing');
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
