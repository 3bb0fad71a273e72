import { describe, expect, test } from '@jest/globals';
import type { Fact, Fold } from '@reprise/view';
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

const nothing = { version: 0, state: null as unknown };

function told({ told: of, ...rest }: FactItem, fact: Partial<Fact<unknown>>): FactItem {
  if (of.content.kind !== 'fact') throw new TypeError('not a fact');
  return { ...rest, told: { ...of, content: { kind: 'fact', fact: { ...of.content.fact, ...fact } } } };
}

function folding(items: readonly FactItem[], before = nothing, by = fold) {
  const check = (state: unknown): void => {
    if (String(state).includes('!')) throw new Error('cannot be shown');
  };
  const { folded, redriven, refused } = foldFacts({
    view: { fold: by },
    before,
    items,
    isBlocked: false,
    check,
  });
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

describe('where events go with their entity, those of an entity', () => {
  const erasing: Fold = { ...fold, erasedKey: 'id' };
  const first = (version: number, state: string): FactItem => told(item(version, state), { changed: ['id'] });
  const last = (version: number): FactItem => told(item(version, 'final'), { deleted: true });
  const tombstone = (offset: number, upTo: number): FactItem => ({
    ...item(upTo, ''),
    told: { ...item(upTo, '').told, offset: BigInt(offset), value: null, content: { kind: 'gone' } },
  });

  test('are nothing any more after the one that deletes, and begin anew', () => {
    expect(folding([first(1, 'a'), item(2, 'b'), last(3)], nothing, erasing).at).toBe('3:null');
    expect(folding([first(4, 'x'), item(5, 'y')], { version: 3, state: null }, erasing).at).toBe('5:xy');
  });

  test('are erased by tombstones, whatever was compacted away before these were read', () => {
    const read = folding([item(2, 'b'), tombstone(7, 3), first(4, 'x')], nothing, erasing);
    expect(read).toEqual({ at: '4:x', redriven: [], refused: [] });
    const parked = folding([item(2, 'b', 'letter-2'), tombstone(7, 3)], nothing, erasing);
    expect(parked).toEqual({ at: '3:null', redriven: ['letter-2'], refused: [] });
    expect(folding([first(4, 'x')], nothing, erasing).at).toBe('4:x');
  });

  test('are not erased by tombstones of an earlier life that come again', () => {
    expect(folding([tombstone(9, 3)], { version: 4, state: 'x' }, erasing).at).toBe('4:x');
  });

  test('still wait for one that is missing within a life', () => {
    expect(folding([first(1, 'a'), item(3, 'c')], nothing, erasing).refused).toEqual(['3 open history-gap']);
  });

  test('stay where nothing is erased', () => {
    expect(folding([first(1, 'a'), last(2), tombstone(3, 2)]).at).toBe('2:afinal');
  });
});
