import { expect, test } from '@jest/globals';
import { placesOf } from './record-places.js';

const acknowledged = [
  { topic: 't', partition: 0, baseOffset: 7n },
  { topic: 't', partition: 1, baseOffset: 0n },
  { topic: 'u', partition: 0, baseOffset: 100n },
];

test('records of a partition lie one behind another, whatever came between them', () => {
  const sent = [
    { topic: 't', partition: 0 },
    { topic: 'u', partition: 0 },
    { topic: 't', partition: 1 },
    { topic: 't', partition: 0 },
    { topic: 'u', partition: 0 },
  ];
  expect(placesOf(sent, acknowledged).map(({ offset }) => offset)).toEqual([7n, 100n, 0n, 8n, 101n]);
});

test.each([
  ['that was not acknowledged', []],
  ['that was acknowledged without an offset', [{ topic: 't', partition: 0, baseOffset: -1n }]],
])('a partition %s has no places', (_what, told) => {
  expect(() => placesOf([{ topic: 't', partition: 0 }], told)).toThrow(RangeError);
});
