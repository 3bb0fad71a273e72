import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ControlPlaneSetting } from '../../test/control-plane-setting.js';
import { builderSays } from '../../test/facts.js';
import type { ControlPlane } from '../control-plane.js';
import { wasRefused } from '../generations/view-generations-store.js';

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

/** Both generations have all that the source holds. */
function report(numbers: readonly number[]) {
  const partitions = { [setting.partition(0)]: [0, 0], [setting.partition(1)]: [0, 0] } as const;
  const verification = { id: 1, isDone: true };
  const told = numbers.map((number) => [number, { partitions, verification }] as const);
  const said = builderSays('one', Object.fromEntries(told));
  return setting.report(said.instance, { ...said, sourceTopics: [setting.sourceTopic] });
}

function reportShadow(compared: number, mismatched: number) {
  const sample = { question: '/flights', expected: '1', actual: '2', at: 7 };
  const counts = { compared, mismatched, errors: 0, dropped: 0, samples: [sample] };
  return setting.reportShadow({ id: `${view}/2/one`, view, generation: 2, ...counts });
}

async function until(plane: ControlPlane, isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await plane.reports.changed(50);
}

async function has(plane: ControlPlane, number: number, status: string): Promise<boolean> {
  const known = await plane.store.read(view);
  if (wasRefused(known)) return false;
  return known.generations.some((one) => one.number === number && one.status === status);
}

async function secondReady(plane: ControlPlane, autoFlip = false): Promise<void> {
  await report([]);
  await until(plane, () => has(plane, 1, 'building'));
  await report([1]);
  await until(plane, () => has(plane, 1, 'live'));
  await plane.operations.rebuild(view, { autoFlip }, operator);
  await report([1, 2]);
  await until(plane, () => has(plane, 2, 'ready'));
}

const mismatched = (plane: ControlPlane) => plane.shadow.counts.of(view).get(2)?.mismatched;

test('a generation whose answers differ is not flipped to, until they are found to be the same', async () => {
  const plane = await setting.startPlane();
  await secondReady(plane);
  await reportShadow(100, 3);
  await until(plane, () => mismatched(plane) === 3);
  expect(await plane.operations.flip(view, { number: 2 }, operator)).toMatchObject({
    code: 'shadow-mismatches',
  });
  expect(await has(plane, 1, 'live')).toBe(true);
  await reportShadow(100, 0);
  await until(plane, () => mismatched(plane) === 0);
  expect(await plane.operations.flip(view, { number: 2 }, operator)).toMatchObject({ live: 2 });
});

test('a generation whose answers differ goes live when it is forced, which is kept with the reason', async () => {
  const plane = await setting.startPlane();
  await secondReady(plane);
  await reportShadow(100, 3);
  await until(plane, () => mismatched(plane) === 3);
  const flip = { number: 2, force: true, note: 'they differ as they should' };
  expect(await plane.operations.flip(view, flip, operator)).toMatchObject({
    live: 2,
    flips: [
      { to: 1, forced: false, note: null },
      {
        to: 2,
        by: 'ann',
        forced: true,
        note: '3 of 100 shadow reads were answered otherwise; they differ as they should',
      },
    ],
  });
});

describe('a generation that goes live by itself', () => {
  test('waits for shadow reads, also of a control plane that starts later, and goes with enough of them', async () => {
    setting.shadowRules = { minCompared: 50, waitMs: 3_600_000 };
    const before = await setting.startPlane();
    await secondReady(before, true);
    await reportShadow(49, 0);
    await until(before, () => mismatched(before) === 0);
    await setting.stopPlane(before);
    const after = await setting.startPlane();
    await after.reports.changed(500);
    expect(await has(after, 2, 'ready')).toBe(true);
    const known = await after.store.read(view);
    if (wasRefused(known) || !known.generations[1]) throw new Error('no generation 2');
    expect(after.shadowGate(known, known.generations[1])).toMatchObject({
      kind: 'waiting',
      reason: expect.stringContaining('49 of 50 live reads compared'),
    });
    await reportShadow(50, 0);
    await until(after, () => has(after, 2, 'live'));
    expect(await after.store.read(view)).toMatchObject({ flips: [{}, { to: 2, note: null }] });
  });

  test('stays when enough were compared and differ', async () => {
    setting.shadowRules = { minCompared: 50, waitMs: 3_600_000 };
    const plane = await setting.startPlane();
    await secondReady(plane, true);
    await reportShadow(60, 1);
    await until(plane, () => plane.reconciler.trouble(view) !== undefined);
    expect(plane.reconciler.trouble(view)).toContain('1 of 60 shadow reads were answered otherwise');
    expect(await has(plane, 1, 'live')).toBe(true);
  });

  test('goes when the time for them is over, and says that too few came', async () => {
    setting.shadowRules = { minCompared: 50, waitMs: 3_600_000 };
    const plane = await setting.startPlane();
    await secondReady(plane, true);
    setting.aheadMs = 3_600_001;
    await until(plane, () => has(plane, 2, 'live'));
    expect(await plane.store.read(view)).toMatchObject({
      flips: [{}, { to: 2, forced: false, note: '0 of 50 live reads compared in 3600 s: too few came' }],
    });
  });
});

test('what was counted is known to a control plane that starts later, and goes with its generation', async () => {
  const before = await setting.startPlane();
  await secondReady(before);
  await reportShadow(100, 3);
  await setting.stopPlane(before);
  const after = await setting.startPlane();
  expect(mismatched(after)).toBe(3);
  await after.operations.retire(view, 2, operator);
  await until(after, () => mismatched(after) === undefined);
});
