import { expect, test } from '@jest/globals';
import { partitionId } from '@reprise/kernel';
import fc from 'fast-check';
import { publishedMessages, readPublished } from './published-message.js';

const place = fc.record({
  topic: fc.constantFrom('flights.flight', 'flights.flight-history', 't'),
  partition: fc.nat({ max: 12 }),
  offset: fc.bigInt({ min: 0n, max: 2n ** 53n }),
});
const consecutive = fc
  .tuple(place, fc.integer({ min: 1, max: 3_000 }))
  .map(([first, count]) =>
    Array.from({ length: count }, (_, index) => ({ ...first, offset: first.offset + BigInt(index) })),
  );

test('what is told of a batch is heard by its readers, in messages that the server takes', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          place.map((one) => [one]),
          consecutive,
        ),
        { maxLength: 8 },
      ),
      (runs) => {
        const places = runs.flat();
        const ids = places.map((_, index) => String(10_000_000 + 7 * index));
        const messages = publishedMessages(ids, places);
        for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThan(8_000);
        const told = places.map(({ offset, ...of }, index) => ({
          id: ids[index],
          partition: partitionId(of),
          nextOffset: offset + 1n,
        }));
        const heard = new Map(messages.flatMap(readPublished).map((record) => [record.id, record]));
        expect([...heard.values()].sort((left, right) => Number(left.id) - Number(right.id))).toEqual(told);
      },
    ),
    { numRuns: 50 },
  );
});

test('a batch of neighbours takes few messages', () => {
  const places = Array.from({ length: 5_000 }, (_, index) => ({
    topic: 'flights.flight',
    partition: index % 6,
    offset: BigInt(Math.floor(index / 6)),
  }));
  const ids = places.map((_, index) => String(1_000_000 + index));
  expect(publishedMessages(ids, places).length).toBeLessThanOrEqual(6);
});

test('what is no message of ours tells nothing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const { id, partition } of readPublished(text)) {
        expect(text).toContain(id);
        expect(text).toContain(partition);
      }
    }),
  );
  expect(readPublished('')).toEqual([]);
});
