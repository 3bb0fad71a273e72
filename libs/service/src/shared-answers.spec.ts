import { expect, test } from '@jest/globals';
import { SharedAnswers } from './shared-answers.js';

/** Questions in the order they came, each answered when the test says so. */
class Desk {
  readonly asked: { of: string; answer: (value: number) => void; fail: (reason: Error) => void }[] = [];
  readonly answers = new SharedAnswers<number>(
    (of) =>
      new Promise((answer, fail) => {
        this.asked.push({ of, answer, fail });
      }),
  );

  /** Answers the question of this place, once it was asked. */
  async answer(place: number, value: number): Promise<void> {
    for (let turns = 0; turns < 20 && this.asked.length <= place; turns += 1) await Promise.resolve();
    this.asked[place]?.answer(value);
  }
}

test('who asks the same meanwhile gets the same answer', async () => {
  const desk = new Desk();
  const answers = [desk.answers.any('a'), desk.answers.any('a'), desk.answers.any('b')];
  expect(desk.asked.map(({ of }) => of)).toEqual(['a', 'b']);
  await desk.answer(0, 1);
  await desk.answer(1, 2);
  expect(await Promise.all(answers)).toEqual([1, 1, 2]);
});

test('a fresh answer is to a question that was asked after the call, and is shared by all who came before it was asked', async () => {
  const desk = new Desk();
  const early = desk.answers.any('a');
  const fresh = [desk.answers.fresh('a'), desk.answers.fresh('a')];
  expect(desk.asked).toHaveLength(1);
  await desk.answer(0, 1);
  await desk.answer(1, 2);
  expect(await early).toBe(1);
  expect(await Promise.all(fresh)).toEqual([2, 2]);
  expect(desk.asked).toHaveLength(2);
});

test('who comes while a fresh question is under way gets the one after it', async () => {
  const desk = new Desk();
  const first = desk.answers.fresh('a');
  const second = desk.answers.fresh('a');
  await desk.answer(0, 1);
  await first;
  for (let turns = 0; turns < 20 && desk.asked.length < 2; turns += 1) await Promise.resolve();
  const third = desk.answers.fresh('a');
  await desk.answer(1, 2);
  await desk.answer(2, 3);
  expect([await second, await third]).toEqual([2, 3]);
});

test('a question that fails keeps nobody from asking again', async () => {
  const desk = new Desk();
  const failing = desk.answers.any('a');
  const next = desk.answers.fresh('a');
  desk.asked[0]?.fail(new Error('away'));
  await expect(failing).rejects.toThrow('away');
  await desk.answer(1, 2);
  expect(await next).toBe(2);
});
