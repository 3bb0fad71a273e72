import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TimeHeap } from './heap.js';

interface Item {
  readonly atMs: number;
  readonly name: number;
}

function takeBefore(heap: TimeHeap<Item>, limitMs: number): Item[] {
  const taken: Item[] = [];
  for (let next = heap.popBefore(limitMs); next; next = heap.popBefore(limitMs)) taken.push(next);
  return taken;
}

const items = fc
  .array(fc.integer({ min: -5, max: 5 }))
  .map((times) => times.map((atMs, name) => ({ atMs, name })));

describe('what was put in', () => {
  test('comes out by time, and at one time in the order in which it was put in', () => {
    fc.assert(
      fc.property(items, (put) => {
        const heap = new TimeHeap<Item>();
        for (const item of put) heap.push(item);
        expect(heap.size).toBe(put.length);
        expect(takeBefore(heap, Infinity)).toEqual(put.toSorted((a, b) => a.atMs - b.atMs));
        expect(heap.size).toBe(0);
      }),
    );
  });

  test('comes out only before the limit, and the rest later, with what is put in between', () => {
    fc.assert(
      fc.property(items, items, fc.integer({ min: -5, max: 6 }), (first, second, limitMs) => {
        const heap = new TimeHeap<Item>();
        for (const item of first) heap.push(item);
        const early = takeBefore(heap, limitMs);
        const sorted = first.toSorted((a, b) => a.atMs - b.atMs);
        expect(early).toEqual(sorted.filter(({ atMs }) => atMs < limitMs));
        for (const item of second) heap.push(item);
        const late = [...first.filter(({ atMs }) => atMs >= limitMs), ...second];
        expect(takeBefore(heap, Infinity)).toEqual(late.toSorted((a, b) => a.atMs - b.atMs));
      }),
    );
  });
});
