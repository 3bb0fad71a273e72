import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
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

async function secondReady(plane: ControlPlane): Promise<void> {
  await report([]);
  await until(plane, () => has(plane, 1, 'building'));
  await report([1]);
  await until(plane, () => has(plane, 1, 'live'));
  await plane.operations.rebuild(view, { autoFlip: false }, operator);
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
