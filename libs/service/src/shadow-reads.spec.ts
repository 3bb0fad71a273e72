import { describe, expect, test } from '@jest/globals';
import { canonical, ShadowReads, type ShadowReadsOptions } from './shadow-reads.js';

/** Answers and positions of a live generation (1) and a ready one (2), as the test sets them; no time passes. */
class Stage {
  readonly answers = new Map<string, unknown>([
    ['g1', { rows: 1 }],
    ['g2', { rows: 1 }],
  ]);
  readonly positions = new Map([
    ['g1', 5n],
    ['g2', 5n],
  ]);
  readonly asked: string[] = [];
  readonly changes: number[] = [];
  pauses = 0;
  /** What happens while time passes. */
  onPause: () => void = () => undefined;
  /** Generations whose queries do not end. */
  readonly silent = new Set<string>();
  readonly reads: ShadowReads;

  constructor(given: Partial<ShadowReadsOptions> = {}) {
    this.reads = new ShadowReads({
      share: 1,
      random: () => 0,
      pause: () => {
        this.pauses += 1;
        this.onPause();
        return Promise.resolve();
      },
      clock: { nowMs: () => 7 },
      shadow: () => 2,
      nameOf: (number) => `g${number}`,
      positions: (generation) => Promise.resolve(new Map([['t/0', this.positions.get(generation) ?? 0n]])),
      onChange: (generation) => this.changes.push(generation),
      ...given,
    });
  }

  /** A read that the live generation has just answered. */
  read(): Promise<void> {
    return this.reads.consider({
      question: '/flights',
      generation: 'g1',
      result: this.answers.get('g1'),
      query: (generation) => this.ask(generation),
    });
  }

  get counts() {
    return this.reads.counts(2);
  }

  private ask(generation: string): Promise<unknown> {
    this.asked.push(generation);
    if (this.silent.has(generation)) return new Promise(() => undefined);
    const answer = this.answers.get(generation);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }
}

describe('shadow reads', () => {
  test('ask the ready generation once what the live one has answered, and compare', async () => {
    const stage = new Stage();
    await stage.read();
    expect(stage.asked).toEqual(['g2']);
    expect(stage.counts).toEqual({ compared: 1, mismatched: 0, errors: 0, dropped: 0, samples: [] });
    expect(stage.changes).toEqual([2]);
  });

  test('a difference that lasts is a mismatch, and one like it is kept with what was asked', async () => {
    const stage = new Stage();
    stage.answers.set('g2', { rows: 2 });
    await stage.read();
    expect(stage.counts).toMatchObject({
      compared: 1,
      mismatched: 1,
      samples: [{ question: '/flights', expected: '{"rows":1}', actual: '{"rows":2}', at: 7 }],
    });
  });

  test('a difference that goes away is a moment’s lag', async () => {
    const stage = new Stage();
    stage.answers.set('g2', { rows: 0 });
    stage.onPause = () => {
      if (stage.pauses === 3) stage.answers.set('g2', { rows: 1 });
    };
    await stage.read();
    expect(stage.counts).toMatchObject({ compared: 1, mismatched: 0, dropped: 0 });
  });

  test('rows that change all the time tell nothing, however different they are each time', async () => {
    const stage = new Stage();
    stage.onPause = () => {
      stage.answers.set('g1', { rows: stage.pauses }).set('g2', { rows: stage.pauses - 1 });
    };
    stage.answers.set('g2', { rows: 0 });
    await stage.read();
    expect(stage.counts).toMatchObject({ compared: 0, mismatched: 0, dropped: 1 });
  });

  test('a generation that hangs behind what the other showed tells nothing', async () => {
    const stage = new Stage();
    stage.answers.set('g2', { rows: 0 });
    stage.positions.set('g2', 4n);
    await stage.read();
    expect(stage.counts).toMatchObject({ compared: 0, mismatched: 0, dropped: 1 });
  });

  test('a shadow read that fails is an error, and nobody else’s', async () => {
    const stage = new Stage();
    stage.answers.set('g2', new Error('away'));
    await expect(stage.read()).resolves.toBeUndefined();
    expect(stage.counts).toMatchObject({ compared: 0, errors: 1 });
  });

  test('more reads at once than the limit are dropped', async () => {
    const stage = new Stage({ maxInFlight: 2 });
    stage.silent.add('g2');
    void stage.read();
    void stage.read();
    await stage.read();
    expect(stage.asked).toEqual(['g2', 'g2']);
    expect(stage.counts).toMatchObject({ dropped: 1 });
  });

  test('only its share of the reads is asked again', async () => {
    const drawn = [0.05, 0.5, 0.09, 0.1];
    const stage = new Stage({ share: 0.1, random: () => drawn.shift() ?? 1 });
    for (let reads = 0; reads < 4; reads += 1) await stage.read();
    expect(stage.counts.compared).toBe(2);
  });

  test('nothing is asked while no generation is ready, and none is compared with itself', async () => {
    for (const shadow of [undefined, 1]) {
      const stage = new Stage({ shadow: () => shadow });
      await stage.read();
      expect(stage.asked).toEqual([]);
    }
  });

  test('long answers are shown from where they begin to differ', async () => {
    const stage = new Stage();
    stage.answers.set('g1', { text: `${'x'.repeat(5_000)}left` });
    stage.answers.set('g2', { text: `${'x'.repeat(5_000)}right` });
    await stage.read();
    const [sample] = stage.counts.samples;
    expect(sample?.expected).toMatch(/^….*left"\}$/);
    expect(sample?.actual).toMatch(/^….*right"\}$/);
    expect(sample?.expected.length).toBeLessThanOrEqual(500);
  });
});

test('results are equal text whatever the order of their members, and nothing is a result', () => {
  expect(canonical({ b: [{ d: 1, c: null }], a: undefined })).toBe(canonical({ b: [{ c: null, d: 1 }] }));
  expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  expect(canonical(undefined)).not.toBe(canonical(null));
});
