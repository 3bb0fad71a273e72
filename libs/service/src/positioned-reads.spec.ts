import { describe, expect, test } from '@jest/globals';
import { parsePositions, type Positions } from '@reprise/kernel';
import { PositionedReads } from './positioned-reads.js';

/** A view with one generation, and time that passes in steps of the polls. */
class Stage {
  nowMs = 0;
  polls = 0;
  generation: string | undefined = 'g1';
  /** What each generation shows; undefined: it is gone. */
  readonly shown = new Map<string, Positions>();
  /** Called before each read. */
  onRead: () => void | Promise<void> = () => undefined;
  /** Called after each pause. */
  onPause: () => void = () => undefined;

  readonly reads = new PositionedReads({
    positions: (generation) => {
      this.polls += 1;
      return Promise.resolve(this.shown.get(generation));
    },
    mayShow: (generation) => Promise.resolve(this.shown.get(generation) ?? new Map()),
    generation: () => this.generation,
    topics: () => ['t'],
    maxWaitMs: 1_000,
    maxWaiting: 3,
    pause: async (durationMs) => {
      this.nowMs += durationMs;
      await Promise.resolve();
      this.onPause();
    },
    nowMs: () => this.nowMs,
  });

  show(text: string, generation = 'g1'): void {
    this.shown.set(generation, parsePositions(text));
  }

  /** The generation that was read. */
  async whenShown(
    position: string | undefined,
    headers: Record<string, string> = {},
  ): Promise<string | undefined> {
    const asked = position === undefined ? {} : { 'reprise-min-position': position };
    const answered = await this.reads.read(
      { ...asked, ...headers },
      (generation) => Promise.resolve(generation),
      async (work) => {
        await this.onRead();
        const generation = this.generation;
        return generation === undefined ? undefined : { generation, result: await work(generation) };
      },
    );
    return answered?.result;
  }
}

const late = { status: 503, problem: { code: 'position-not-shown' }, headers: { 'retry-after': '1' } };

describe('a read that asks for a position', () => {
  test('goes on at once when it is shown, and asks nobody when it names none', async () => {
    const stage = new Stage();
    stage.show('t/0:5,t/1:2');
    await stage.whenShown('t/0:5');
    expect([stage.nowMs, stage.polls]).toEqual([0, 1]);
    await stage.whenShown(undefined);
    await stage.whenShown('');
    expect(stage.polls).toBe(1);
  });

  test('does not wait for what the view is not built from', async () => {
    const stage = new Stage();
    stage.show('t/0:5');
    await stage.whenShown('other/0:99,t/0:5');
    expect(stage.nowMs).toBe(0);
  });

  test('waits until every partition is shown', async () => {
    const stage = new Stage();
    stage.show('t/0:5');
    const steps = ['t/0:6', 't/0:6,t/1:1', 't/0:6,t/1:2'];
    stage.onPause = () => {
      stage.show(steps.shift() ?? 't/0:9,t/1:9');
    };
    await stage.whenShown('t/0:6,t/1:2');
    expect(steps).toEqual([]);
  });

  test('is refused when time is up: never an older answer', async () => {
    const stage = new Stage();
    stage.show('t/0:5');
    await expect(stage.whenShown('t/0:6')).rejects.toMatchObject(late);
    expect(stage.nowMs).toBe(1_000);
  });

  test('waits no longer than it prefers to, nor longer than the service allows', async () => {
    const stage = new Stage();
    stage.show('t/0:5');
    await expect(stage.whenShown('t/0:6', { prefer: 'wait=0' })).rejects.toMatchObject(late);
    expect(stage.nowMs).toBe(0);
    await expect(stage.whenShown('t/0:6', { prefer: 'return=minimal, wait=60' })).rejects.toMatchObject(late);
    expect(stage.nowMs).toBe(1_000);
  });

  test('asks the generation that is served by then, also when the one before is gone', async () => {
    const stage = new Stage();
    stage.show('t/0:5');
    stage.show('t/0:7', 'g2');
    stage.onPause = () => {
      stage.shown.delete('g1');
      if (stage.nowMs > 50) stage.generation = 'g2';
    };
    expect(await stage.whenShown('t/0:6')).toBe('g2');
    expect(stage.nowMs).toBe(60);
  });

  test('is not answered from a generation that went live meanwhile and does not show it yet', async () => {
    const stage = new Stage();
    stage.show('t/0:6');
    stage.show('t/0:5', 'g2');
    stage.onRead = () => {
      stage.generation = 'g2';
    };
    stage.onPause = () => {
      if (stage.nowMs > 50) stage.show('t/0:6', 'g2');
    };
    expect(await stage.whenShown('t/0:6')).toBe('g2');
    expect(stage.nowMs).toBe(60);
    stage.show('t/0:7');
    stage.generation = 'g1';
    stage.onPause = () => undefined;
    await expect(stage.whenShown('t/0:7')).rejects.toMatchObject(late);
  });

  test('finds nothing served', async () => {
    const stage = new Stage();
    stage.generation = undefined;
    expect(await stage.whenShown('t/0:6')).toBeUndefined();
  });

  test.each(['nonsense', 't/0', 't/0:-1', 't/0:1;t/1:2', 'x'.repeat(9_000)])(
    'is refused when it says "%.20s"',
    async (text) => {
      const refusal = { status: 400, problem: { code: 'invalid-position' } };
      await expect(new Stage().whenShown(text)).rejects.toMatchObject(refusal);
    },
  );
});

test('no more than some wait: the others are refused at once, and who need not wait is answered', async () => {
  const stage = new Stage();
  stage.show('t/0:5');
  const waiting = Array.from({ length: 3 }, () => stage.whenShown('t/0:6'));
  for (let turns = 0; turns < 5; turns += 1) await Promise.resolve();
  await expect(stage.whenShown('t/0:6')).rejects.toMatchObject(late);
  await stage.whenShown('t/0:5');
  stage.show('t/0:6');
  await Promise.all(waiting);
  stage.show('t/0:7');
  await Promise.all(Array.from({ length: 3 }, () => stage.whenShown('t/0:7')));
});

test('the bound of an answer is handed back as it is asked for', async () => {
  const stage = new Stage();
  stage.show('t/1:2,t/0:5');
  const bound = await stage.reads.boundOf('g1');
  expect(bound).toBe('t/0:5,t/1:2');
  await stage.whenShown(bound);
});
