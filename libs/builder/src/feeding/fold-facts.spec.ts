import { describe, expect, test } from '@jest/globals';
import type { Fold } from '@reprise/view';
import { foldFacts, type FactItem } from './fold-facts.js';

const fold: Fold = {
  initial: '',
  evolve: (folded, { state }) => {
    if (state === 'poison') throw new Error('no way');
    return `${String(folded)}${String(state)}`;
  },
};

const item = (version: number, state: string, letterId?: string): FactItem => ({
  told: {
    partition: 't/0',
    offset: BigInt(version),
    key: 'k',
    entityVersion: version,
    value: new Uint8Array(),
    content: {
      kind: 'fact',
      fact: { event: 'Told', version, occurredAt: 0, changed: [], deleted: false, state },
    },
  },
  letterId,
  isDiscarded: false,
});

function folding(items: readonly FactItem[], before = { version: 0, state: null as unknown }) {
  const check = (state: unknown): void => {
    if (String(state).includes('!')) throw new Error('cannot be shown');
  };
  const { folded, redriven, refused } = foldFacts({ view: { fold }, before, items, isBlocked: false, check });
  return {
    at: `${folded.version}:${String(folded.state)}`,
    redriven,
    refused: refused.map(({ offset, status, code }) => `${offset} ${status} ${code}`),
  };
}

describe('the events of an entity', () => {
  test('are folded in order, and those that come again are passed over', () => {
    expect(folding([item(1, 'a'), item(1, 'a'), item(2, 'b')]).at).toBe('2:ab');
    expect(folding([item(2, 'b'), item(3, 'c')], { version: 2, state: 'ab' })).toEqual({
      at: '3:abc',
      redriven: [],
      refused: [],
    });
  });

  test('wait behind one that cannot be folded', () => {
    expect(folding([item(1, 'a'), item(2, 'poison'), item(3, 'c')])).toEqual({
      at: '1:a',
      redriven: [],
      refused: ['2 open projection-failed', '3 waiting behind'],
    });
  });

  test('wait for one that is missing, and follow it by themselves', () => {
    expect(folding([item(3, 'c')], { version: 1, state: 'a' }).refused).toEqual(['3 open history-gap']);
    const later = folding([item(3, 'c', 'letter-3'), item(2, 'b')], { version: 1, state: 'a' });
    expect(later).toEqual({ at: '3:abc', redriven: ['letter-3'], refused: [] });
  });

  test('go on after one that an operator discarded', () => {
    expect(
      folding([item(1, 'a'), { ...item(2, 'poison', 'letter-2'), isDiscarded: true }, item(3, 'c')]).at,
    ).toBe('3:ac');
  });

  test('are folded up to the one that leads to what cannot be projected', () => {
    expect(folding([item(1, 'a'), item(2, '!'), item(3, 'c')])).toEqual({
      at: '1:a',
      redriven: [],
      refused: ['2 open projection-failed', '3 waiting behind'],
    });
  });
});
