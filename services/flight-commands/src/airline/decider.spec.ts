import { describe, expect, test } from '@jest/globals';
import type { Airline } from '@reprise/contracts';
import { scenario } from '@reprise/decider';
import { airlineDecider, type AirlineEvent } from './decider.js';

const first: Airline = { carrier: 'UA', name: 'United Air Lines Inc.' };
const second: Airline = { carrier: 'UA', name: 'United Airlines' };
const registered: AirlineEvent = { event: 'AirlineRegistered', airline: first };
const removed: AirlineEvent = { event: 'AirlineRemoved' };
const given = (...history: AirlineEvent[]) => scenario(airlineDecider).given(...history);

describe('an airline', () => {
  test('that is new is registered', () => {
    expect(given().when({ type: 'PutAirline', airline: first })).toEqual({
      decision: [registered],
      state: first,
    });
  });

  test('put again as it is makes no event, whatever the order of its fields', () => {
    const reversed: Airline = { ...second, ...first };
    expect(given(registered).when({ type: 'PutAirline', airline: reversed })).toEqual({
      decision: [],
      state: first,
    });
  });

  test('put again with other content is changed', () => {
    const changed = { event: 'AirlineChanged', airline: second };
    expect(given(registered).when({ type: 'PutAirline', airline: second })).toEqual({
      decision: [changed],
      state: second,
    });
  });

  test('that exists can be removed, and is gone then', () => {
    expect(given(registered).when({ type: 'RemoveAirline' })).toEqual({
      decision: [removed],
      state: undefined,
    });
  });

  test('that was never there, or was removed, cannot be removed', () => {
    const refusal = { refused: true, kind: 'not-found', code: 'airline-unknown' };
    expect(given().when({ type: 'RemoveAirline' }).decision).toMatchObject(refusal);
    expect(given(registered, removed).when({ type: 'RemoveAirline' }).decision).toMatchObject(refusal);
  });

  test('that was removed is registered anew', () => {
    const { decision } = given(registered, removed).when({ type: 'PutAirline', airline: first });
    expect(decision).toEqual([registered]);
  });

  test('keeps its final state in the removing event', () => {
    expect(airlineDecider.evolve(first, removed)).toEqual(first);
    expect(airlineDecider.isDeletion(removed)).toBe(true);
    expect(airlineDecider.isDeletion(registered)).toBe(false);
  });

  test('cannot be removed by history before it was registered', () => {
    expect(() => airlineDecider.evolve(undefined, removed)).toThrow(RangeError);
  });
});
