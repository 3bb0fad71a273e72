import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { DeadLetter, RedriveRequest } from '@reprise/contracts';
import { ControlPlaneSetting } from '../../test/control-plane-setting.js';
import { letter } from '../../test/facts.js';
import type { DeadLetterDesk } from './dead-letter-desk.js';

jest.setTimeout(60_000);

const asker = { correlationId: 'c', causationId: 'c', actor: 'ann' };
let setting: ControlPlaneSetting;
let desk: DeadLetterDesk;

beforeEach(async () => {
  setting = await ControlPlaneSetting.open();
  desk = (await setting.startPlane()).deadLetters;
});

afterEach(async () => {
  await setting.close();
  expect(setting.fatal).toEqual([]);
});

async function setAside(...letters: readonly DeadLetter[]): Promise<void> {
  for (const one of letters) await setting.writeLetter(one.letterId, one);
  await desk.held.until(() => letters.every(({ letterId }) => desk.held.find(letterId)), 30_000);
}

/** Answers what is asked, as the builder that owns the letters would. */
async function builderAnswers(answer: (request: RedriveRequest) => DeadLetter): Promise<RedriveRequest[]> {
  const requests: RedriveRequest[] = [];
  await setting.followRequests((request) => {
    requests.push(request);
    const said = { ...answer(request), handledRequest: request.requestId };
    void setting.writeLetter(request.letterId, said);
  });
  return requests;
}

describe('what operators ask about dead letters', () => {
  test('reaches the builder with who asked and why, and its answer comes back', async () => {
    const [good, bad, old] = [letter(1), letter(2), letter(3)];
    await setAside(good, bad, old);
    const requests = await builderAnswers(({ letterId }) => {
      if (letterId === good.letterId) return { ...good, status: 'redriven', closedReason: 'asked for' };
      if (letterId === old.letterId) return { ...old, status: 'superseded', closedReason: 'newer row' };
      return { ...bad, attempts: 2, cause: 'still wrong' };
    });
    const letters = desk.held.select({});
    const answers = await desk.order({ action: 'redrive', letters, reason: null, asker, waitMs: 30_000 });
    expect(answers.map(({ letter: { letterId }, result }) => [letterId, result])).toEqual([
      [old.letterId, 'refused'],
      [bad.letterId, 'failed'],
      [good.letterId, 'redriven'],
    ]);
    expect(requests).toHaveLength(3);
    expect(requests[0]).toMatchObject({ action: 'redrive', view: 'board', generation: 1, actor: 'ann' });
    expect(desk.held.select({ status: 'open' }).map(({ cause }) => cause)).toEqual(['still wrong']);
  });

  test('is answered as pending while no builder runs, and not lost: it is on the stream', async () => {
    await setAside(letter(1));
    const order = { action: 'discard', letters: desk.held.select({}), reason: 'a test', asker } as const;
    expect(await desk.order({ ...order, waitMs: 50 })).toMatchObject([{ result: 'pending' }]);
    const requests = await builderAnswers(() => ({ ...letter(1), status: 'discarded' }));
    expect(requests).toMatchObject([{ action: 'discard', reason: 'a test' }]);
    await desk.held.until(() => desk.held.select({ status: 'discarded' }).length === 1, 30_000);
    expect(desk.held.select({ status: 'discarded' })).toHaveLength(1);
  });
});

test('a control plane that is started anew knows every letter, and forgets those that were taken back', async () => {
  await setAside(letter(1), letter(2));
  await setting.writeLetter(letter(1).letterId, null);
  await desk.held.until(() => desk.held.find(letter(1).letterId) === undefined, 30_000);
  const { held } = (await setting.startPlane()).deadLetters;
  expect(held.select({}).map(({ letterId }) => letterId)).toEqual([letter(2).letterId]);
});
