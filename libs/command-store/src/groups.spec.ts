import { describe, expect, test } from '@jest/globals';
import { Groups } from './groups.js';

/** Executions in the order they began, each ended when the test says so. */
class Stage {
  readonly begun: { readonly requests: readonly number[]; readonly end: () => void }[] = [];
  readonly groups: Groups<number, string>;

  constructor({ atOnce = 1, most = 10, mostWaiting = 100, bad = Number.NaN, away = false } = {}) {
    this.groups = new Groups({
      execute: async (requests) => {
        const { promise, resolve } = Promise.withResolvers<undefined>();
        this.begun.push({
          requests,
          end: () => {
            resolve(undefined);
          },
        });
        await promise;
        if (away) throw new Error('away');
        if (requests.includes(bad)) throw new Error(`cannot execute ${bad}`);
        return requests.map((request) => `done ${request}`);
      },
      atOnce,
      most,
      mostWaiting,
      refusal: () => new Error('too many'),
      isShared: (failure) => failure instanceof Error && failure.message === 'away',
    });
  }

  /** Ends executions as they begin, until all of these are answered. */
  async endAll(answers: readonly Promise<string>[]): Promise<PromiseSettledResult<string>[]> {
    let left = answers.length;
    const counted = answers.map((answer) =>
      answer.finally(() => {
        left -= 1;
      }),
    );
    const settled = Promise.allSettled(counted);
    for (let ended = 0; left > 0;) {
      for (; ended < this.begun.length; ended += 1) this.begun[ended]?.end();
      await Promise.resolve();
    }
    return settled;
  }

  sizes(): number[] {
    return this.begun.map(({ requests }) => requests.length);
  }
}

describe('requests', () => {
  test('that find nobody before them are executed at once; those that come meanwhile, together', async () => {
    const stage = new Stage();
    const answers = [1, 2, 3].map((request) => stage.groups.submit(request));
    expect(stage.begun.map(({ requests }) => requests)).toEqual([[1]]);
    const settled = await stage.endAll(answers);
    expect(stage.begun.map(({ requests }) => requests)).toEqual([[1], [2, 3]]);
    expect(settled.map((outcome) => outcome.status === 'fulfilled' && outcome.value)).toEqual([
      'done 1',
      'done 2',
      'done 3',
    ]);
  });

  test('are no more in a group, and no more groups at once, than is said', async () => {
    const stage = new Stage({ atOnce: 2, most: 3 });
    const answers = Array.from({ length: 9 }, (_, request) => stage.groups.submit(request));
    expect(stage.sizes()).toEqual([1, 1]);
    await stage.endAll(answers);
    expect(stage.sizes().slice(2)).toEqual([3, 3, 1]);
  });

  test('are refused when too many wait, and taken again when fewer do', async () => {
    const stage = new Stage({ mostWaiting: 2 });
    const taken = [1, 2, 3].map((request) => stage.groups.submit(request));
    await expect(stage.groups.submit(4)).rejects.toThrow('too many');
    const settled = await stage.endAll(taken);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    await stage.endAll([stage.groups.submit(5)]);
    expect(stage.begun.at(-1)?.requests).toEqual([5]);
  });

  test('that cannot be executed fail alone', async () => {
    const stage = new Stage({ bad: 3 });
    const settled = await stage.endAll([1, 2, 3, 4].map((request) => stage.groups.submit(request)));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test('fail together when what executes them is away: nobody asks it again and again', async () => {
    const stage = new Stage({ away: true });
    const settled = await stage.endAll([1, 2, 3, 4].map((request) => stage.groups.submit(request)));
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    expect(stage.sizes()).toEqual([1, 3]);
  });
});
