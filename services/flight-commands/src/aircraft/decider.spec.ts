import { describe, expect, test } from '@jest/globals';
import type { Aircraft } from '@reprise/contracts';
import { scenario } from '@reprise/decider';
import { aircraftDecider, type AircraftEvent } from './decider.js';

const first: Aircraft = {
  tailnum: 'N14228',
  year: 1999,
  type: 'Fixed wing multi engine',
  manufacturer: 'BOEING',
  model: '737-824',
  engines: 2,
  seats: 149,
  engine: 'Turbo-fan',
};
const second: Aircraft = {
  tailnum: 'N14228',
  year: null,
  type: 'Fixed wing multi engine',
  manufacturer: 'BOEING',
  model: '737-824',
  engines: 2,
  seats: 149,
  engine: 'Turbo-fan',
};
const registered: AircraftEvent = { event: 'AircraftRegistered', aircraft: first };
const removed: AircraftEvent = { event: 'AircraftRemoved' };
const given = (...history: AircraftEvent[]) => scenario(aircraftDecider).given(...history);

describe('an aircraft', () => {
  test('that is new is registered', () => {
    expect(given().when({ type: 'PutAircraft', aircraft: first })).toEqual({
      decision: [registered],
      state: first,
    });
  });

  test('put again as it is makes no event, whatever the order of its fields', () => {
    const reversed: Aircraft = { ...second, ...first };
    expect(given(registered).when({ type: 'PutAircraft', aircraft: reversed })).toEqual({
      decision: [],
      state: first,
    });
  });

  test('put again with other content is changed', () => {
    const changed = { event: 'AircraftChanged', aircraft: second };
    expect(given(registered).when({ type: 'PutAircraft', aircraft: second })).toEqual({
      decision: [changed],
      state: second,
    });
  });

  test('that exists can be removed, and is gone then', () => {
    expect(given(registered).when({ type: 'RemoveAircraft' })).toEqual({
      decision: [removed],
      state: undefined,
    });
  });

  test('that was never there, or was removed, cannot be removed', () => {
    const refusal = { refused: true, kind: 'not-found', code: 'aircraft-unknown' };
    expect(given().when({ type: 'RemoveAircraft' }).decision).toMatchObject(refusal);
    expect(given(registered, removed).when({ type: 'RemoveAircraft' }).decision).toMatchObject(refusal);
  });

  test('that was removed is registered anew', () => {
    const { decision } = given(registered, removed).when({ type: 'PutAircraft', aircraft: first });
    expect(decision).toEqual([registered]);
  });

  test('keeps its final state in the removing event', () => {
    expect(aircraftDecider.evolve(first, removed)).toEqual(first);
    expect(aircraftDecider.isDeletion(removed)).toBe(true);
    expect(aircraftDecider.isDeletion(registered)).toBe(false);
  });

  test('cannot be removed by history before it was registered', () => {
    expect(() => aircraftDecider.evolve(undefined, removed)).toThrow(RangeError);
  });
});
