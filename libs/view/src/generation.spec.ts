import { describe, expect, test } from '@jest/globals';
import {
  canBecome,
  consumerGroup,
  generationName,
  generationStatuses,
  isFed,
  parseStatus,
  type GenerationStatus,
} from './generation.js';

/** Every change of status that there is; all others are refused. */
const allowed: readonly (readonly [GenerationStatus, readonly GenerationStatus[]])[] = [
  ['building', ['catching-up', 'failed', 'retired']],
  ['catching-up', ['failed', 'retired', 'verifying']],
  ['verifying', ['failed', 'ready', 'retired']],
  ['ready', ['failed', 'live', 'retired']],
  ['live', ['standby']],
  ['standby', ['failed', 'live', 'retired']],
  ['retired', []],
  ['failed', ['retired']],
];

describe("a generation's life", () => {
  test.each(allowed)('from %s it may become only %j', (from, successors) => {
    expect(generationStatuses.filter((to) => canBecome(from, to)).sort()).toEqual(successors);
  });

  test('the table above knows every status', () => {
    expect(allowed.map(([status]) => status)).toEqual(generationStatuses);
  });

  test('the live generation can only be put on standby: it never vanishes under its readers', () => {
    expect(generationStatuses.filter((to) => canBecome('live', to))).toEqual(['standby']);
  });

  test('only one that was ready or live before can go live', () => {
    expect(generationStatuses.filter((from) => canBecome(from, 'live'))).toEqual(['ready', 'standby']);
  });

  test('it is never ready before it was verified', () => {
    expect(generationStatuses.filter((from) => canBecome(from, 'ready'))).toEqual(['verifying']);
  });

  test('it is fed until it is retired or failed, standby included', () => {
    expect(generationStatuses.filter((status) => !isFed(status))).toEqual(['retired', 'failed']);
  });

  test('a text is a status only when it is one of them', () => {
    for (const status of generationStatuses) expect(parseStatus(status)).toBe(status);
    for (const text of ['', 'Live', 'constructor']) expect(() => parseStatus(text)).toThrow(RangeError);
  });

  test('its names hold no hyphens, and no two generations share one', () => {
    expect(generationName('flight-search', 3)).toBe('flight_search_g3');
    expect(consumerGroup('flight-search', 3)).toBe('reprise.flight_search_g3');
  });
});
