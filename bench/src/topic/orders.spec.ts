import { expect, test } from '@jest/globals';
import type { Flight } from '@reprise/contracts';
import { yearsLater, type FlightEnvelope } from './years.js';
import { ordered } from './orders.js';

const dayMs = 24 * 60 * 60_000;

const state: Flight = {
  flightId: '2013-01-01-UA1-EWR',
  date: '2013-01-01',
  carrier: 'UA',
  number: 1,
  origin: 'EWR',
  destination: 'IAH',
  tailnum: null,
  scheduledDeparture: Date.UTC(2013, 0, 2, 1),
  utcOffsetMinutes: -300,
  scheduledArrival: null,
  distanceMiles: 1_400,
  status: 'scheduled',
  departedAt: null,
  arrivedAt: null,
  cancelledAt: null,
  divertedAt: null,
  divertedTo: null,
  departureDelayMinutes: null,
  arrivalDelayMinutes: null,
};

function at(occurredAt: number, version: number): FlightEnvelope {
  return { event: 'Fact', version, occurredAt, changed: [], deleted: false, state };
}

/** The last event comes after the next year's first. */
const year = [at(0, 1), at(10, 2), at(20, 1), at(365 * dayMs + 5, 2)];
const told = (events: Iterable<FlightEnvelope>) =>
  [...events].map(({ occurredAt, version }) => `${occurredAt % (365 * dayMs)}/${version}`);

test('a later year has other flights, on dates of their own', () => {
  const { occurredAt, state: later } = yearsLater(at(7, 1), 3);
  expect(occurredAt).toBe(7 + 3 * 365 * dayMs);
  expect(later).toMatchObject({
    flightId: '2016-01-01-UA1-EWR',
    date: '2016-01-01',
    scheduledDeparture: Date.UTC(2016, 0, 2, 1),
    scheduledArrival: null,
    departedAt: null,
  });
});

test('across 29 February dates stay those of the shifted departure', () => {
  const march = { ...state, flightId: '2013-03-01-UA1-EWR', scheduledDeparture: Date.UTC(2013, 2, 1, 12) };
  expect(yearsLater({ ...at(7, 1), state: march }, 3).state.flightId).toBe('2016-02-29-UA1-EWR');
});

test('in time order the years overlap where they meet', () => {
  const times = [...ordered(year, 2, 'time-order')].map(({ occurredAt }) => occurredAt);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  expect(times).toHaveLength(8);
});

test('schedule first: every flight is scheduled before anything else happens', () => {
  expect(told(ordered(year, 2, 'schedule-first'))).toEqual([
    ...['0/1', '20/1', '0/1', '20/1'],
    ...['10/2', '5/2', '10/2', '5/2'],
  ]);
});
