import { describe, expect, test } from '@jest/globals';
import { generation, viewOf } from '../../test/facts.js';
import { shadowGate } from './shadow-gate.js';

const rules = { minCompared: 20, waitMs: 10_000 };
const readyAt = 1_000;
const ready = generation(2, 'ready', { autoFlip: true, statusSince: readyAt });
const served = viewOf([generation(1, 'live'), ready]);
const after = (ms: number, compared: number, errors = 0) =>
  shadowGate(served, ready, {
    shadow: { compared, errors, mismatched: 0, dropped: 0, samples: [] },
    rules,
    nowMs: readyAt + ms,
  });

describe('a generation that goes live by itself', () => {
  test('waits until enough live reads were compared, and says how far that is', () => {
    expect(after(0, 0)).toEqual({ kind: 'waiting', reason: '0 of 20 live reads compared, 10 s left' });
    expect(after(9_999, 19)).toEqual({ kind: 'waiting', reason: '19 of 20 live reads compared, 1 s left' });
    expect(after(0, 20)).toEqual({ kind: 'open', note: null });
  });

  test('does not wait for ever where too few come: that is kept with the flip', () => {
    const note = '3 of 20 live reads compared in 10 s: too few came';
    expect(after(10_000, 3)).toEqual({ kind: 'open', note });
  });

  test('stays where most reads of it fail: that is not for want of reads', () => {
    expect(after(10_000, 3, 4)).toMatchObject({ kind: 'held' });
    expect(after(10_000, 3, 3)).toMatchObject({ kind: 'open' });
    expect(after(10_000, 20, 400)).toEqual({ kind: 'open', note: null });
  });

  test('is not compared where nothing is live, or nothing is asked of it', () => {
    const about = { shadow: undefined, rules, nowMs: readyAt };
    expect(shadowGate(viewOf([ready]), ready, about)).toEqual({ kind: 'open', note: null });
    const off = { ...about, rules: { ...rules, minCompared: 0 } };
    expect(shadowGate(served, ready, off)).toEqual({ kind: 'open', note: null });
  });
});
