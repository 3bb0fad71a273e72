import { describe, expect, test } from '@jest/globals';
import { catalogue } from '@reprise/contracts';
import { defineView, row } from '@reprise/view';
import { fingerprintOf } from './fingerprint.js';

const base = {
  name: 'boards',
  version: 1,
  source: catalogue.flight,
  fields: ['flightId', 'origin'],
} as const;
let suffix = '';
/** What a projection calls, in a file that its own text does not show. */
const label = (origin: string): string => `${origin}${suffix}`;
const labelled = () =>
  defineView({ ...base, project: ({ flightId, origin }) => [row(flightId, { at: label(origin) })] });

describe('a fingerprint', () => {
  test('is the same for the same code', () => {
    expect(fingerprintOf(labelled())).toBe(fingerprintOf(labelled()));
  });

  test('changes with the text of the projection, and with the fields that it reads', () => {
    const plain = fingerprintOf(defineView({ ...base, project: ({ flightId }) => [row(flightId, {})] }));
    const other = fingerprintOf(defineView({ ...base, project: ({ origin }) => [row(origin, {})] }));
    const wider = fingerprintOf(
      defineView({
        ...base,
        fields: ['flightId', 'origin', 'carrier'],
        project: ({ flightId }) => [row(flightId, {})],
      }),
    );
    expect(new Set([plain, other, wider]).size).toBe(3);
  });

  test('changes when a function changes that the projection calls', () => {
    const before = fingerprintOf(labelled());
    suffix = '!';
    expect(fingerprintOf(labelled())).not.toBe(before);
    suffix = '';
  });

  test('changes with what old records are taken to tell of its fields, and of no others', () => {
    const upcasting = (field: string, fill: () => unknown) =>
      fingerprintOf(
        defineView({
          ...base,
          source: { ...catalogue.flight, upcasts: [{ field, reads: [], fill }] },
          project: ({ flightId }) => [row(flightId, {})],
        }),
      );
    expect(upcasting('origin', () => 'EWR')).not.toBe(upcasting('origin', () => 'JFK'));
    expect(upcasting('carrier', () => 'UA')).toBe(upcasting('carrier', () => 'AA'));
  });
});
