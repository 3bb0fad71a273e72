import { describe, expect, test } from '@jest/globals';
import type { Airport } from '@reprise/contracts';
import { scenario } from '@reprise/decider';
import { airportDecider, type AirportEvent } from './decider.js';

const first: Airport = {
  faa: 'JFK',
  name: 'John F Kennedy Intl',
  latitude: 40.639751,
  longitude: -73.778925,
  altitudeFeet: 13,
  timeZone: 'America/New_York',
};
const second: Airport = {
  faa: 'JFK',
  name: 'John F Kennedy Intl',
  latitude: 40.639751,
  longitude: -73.778925,
  altitudeFeet: null,
  timeZone: 'America/New_York',
};
const registered: AirportEvent = { event: 'AirportRegistered', airport: first };
const removed: AirportEvent = { event: 'AirportRemoved' };
const given = (...history: AirportEvent[]) => scenario(airportDecider).given(...history);

describe('an airport', () => {
  test('that is new is registered', () => {
    expect(given().when({ type: 'PutAirport', airport: first })).toEqual({
      decision: [registered],
      state: first,
    });
  });

  test('put again as it is makes no event, whatever the order of its fields', () => {
    const reversed: Airport = { ...second, ...first };
    expect(given(registered).when({ type: 'PutAirport', airport: reversed })).toEqual({
      decision: [],
      state: first,
    });
  });

  test('put again with other content is changed', () => {
    const changed = { event: 'AirportChanged', airport: second };
    expect(given(registered).when({ type: 'PutAirport', airport: second })).toEqual({
      decision: [changed],
      state: second,
    });
  });

  test('that exists can be removed, and is gone then', () => {
    expect(given(registered).when({ type: 'RemoveAirport' })).toEqual({
      decision: [removed],
      state: undefined,
    });
  });

  test('that was never there, or was removed, cannot be removed', () => {
    const refusal = { refused: true, kind: 'not-found', code: 'airport-unknown' };
    expect(given().when({ type: 'RemoveAirport' }).decision).toMatchObject(refusal);
    expect(given(registered, removed).when({ type: 'RemoveAirport' }).decision).toMatchObject(refusal);
  });

  test('that was removed is registered anew', () => {
    const { decision } = given(registered, removed).when({ type: 'PutAirport', airport: first });
    expect(decision).toEqual([registered]);
  });

  test('keeps its final state in the removing event', () => {
    expect(airportDecider.evolve(first, removed)).toEqual(first);
    expect(airportDecider.isDeletion(removed)).toBe(true);
    expect(airportDecider.isDeletion(registered)).toBe(false);
  });

  test('cannot be removed by history before it was registered', () => {
    expect(() => airportDecider.evolve(undefined, removed)).toThrow(RangeError);
  });
});
