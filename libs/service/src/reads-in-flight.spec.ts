import { describe, expect, test } from '@jest/globals';
import { serving, slowRead, switchHeldUp, switchMade } from '../test/pointer-stage.js';

describe('a read that is in flight while readers go over to another generation', () => {
  test('a read that ends while a switch is under way is answered once that is made, or given up', async () => {
    const { stage, early } = await switchHeldUp();
    early.end();
    await stage.pass(100);
    expect(early.state.answer).toBeUndefined();
    await stage.pass(500);
    expect([early.state.answer, stage.pointer.generation]).toEqual(['g1', 'g1']);
  });

  test('a read that ends after a switch is answered once the new generation shows all that it may have seen', async () => {
    const { stage, early } = await switchMade();
    stage.shown.set('g1', 9n);
    early.end();
    await stage.pass(100);
    expect(early.state.answer).toBeUndefined();
    stage.shown.set('g2', 9n);
    await stage.pass(20);
    expect(early.state.answer).toBe('g1');
    expect(early.state.asked).toEqual(['g1']);
  });

  test('a read that has seen what the new generation does not come to show is made again there', async () => {
    const { stage, early } = await switchMade();
    stage.shown.set('g1', 9n);
    early.end();
    await stage.pass(1_000);
    expect(early.state).toMatchObject({ asked: ['g1', 'g2'], answer: 'g2' });
  });

  test.each(['g1', 'g2'])(
    'a read that ends after a switch is made again when the store fails, or does not answer, about %s',
    async (generation) => {
      for (const trouble of ['fails', 'is silent']) {
        const { stage, early } = await switchMade();
        if (trouble === 'fails') stage.shown.set(generation, new Error('away'));
        else stage.silent = generation;
        early.end();
        await stage.pass(1_000);
        expect(early.state).toMatchObject({ asked: ['g1', 'g2'], answer: 'g2' });
      }
    },
  );

  test('what a read may have seen is asked once that has ended, although the same is being asked for another', async () => {
    const { stage, early, other } = await switchMade();
    stage.answersAfterMs = 20;
    early.end();
    await stage.pass(10);
    stage.shown.set('g1', 9n);
    other.end();
    await stage.pass(100);
    expect([early.state.answer, other.state.answer]).toEqual(['g1', undefined]);
    stage.shown.set('g2', 9n);
    await stage.pass(100);
    expect(other.state.answer).toBe('g1');
  });

  test.each([
    { when: 'before', answersAfterMs: { switch: 100, read: 0 } },
    { when: 'after', answersAfterMs: { switch: 20, read: 20 } },
  ])(
    'a read is not told what the next switch does not rely on, when that is shown $when it is made',
    async ({ answersAfterMs }) => {
      const { stage, early } = await switchMade();
      stage.shown.set('g1', 9n).set('g3', 5n);
      early.end();
      await stage.pass(0);
      stage.answersAfterMs = answersAfterMs.switch;
      stage.pointer.want('g3');
      await stage.pass(0);
      stage.answersAfterMs = answersAfterMs.read;
      stage.shown.set('g2', 9n);
      await stage.pass(200);
      expect([early.state.answer, stage.pointer.generation]).toEqual([undefined, 'g3']);
      await stage.pass(1_000);
      expect(early.state).toMatchObject({ asked: ['g1', 'g3'], answer: 'g3' });
    },
  );

  test('many reads that end after a switch ask the stores no more often than a few', async () => {
    const stage = await serving('g1');
    const reads = Array.from({ length: 20 }, () => slowRead(stage.pointer));
    stage.pointer.want('g2');
    await stage.pass(0);
    const asked = stage.asked;
    for (const read of reads) read.end();
    await stage.pass(0);
    expect(reads.map(({ state }) => state)).toEqual(
      reads.map(() => ({ began: 'g1', asked: ['g1'], answer: 'g1' })),
    );
    expect(stage.asked - asked).toBeLessThanOrEqual(4);
  });
});
