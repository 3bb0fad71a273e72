import { describe, expect, test } from '@jest/globals';
import type { Flight } from '@reprise/contracts';
import { projector } from '@reprise/view';
import { routePunctuality } from './definition.js';

const nobody = projector(routePunctuality, () => null);

const scheduled = {
  flightId: '2013-01-01-UA1545-EWR',
  date: '2013-01-01',
  carrier: 'UA',
  number: 1545,
  origin: 'EWR',
  destination: 'IAH',
  tailnum: 'N14228',
  scheduledDeparture: Date.parse('2013-01-01T05:15:00-05:00'),
  utcOffsetMinutes: -300,
  scheduledArrival: null,
  distanceMiles: 1400,
  status: 'scheduled',
  departedAt: null,
  arrivedAt: null,
  cancelledAt: null,
  divertedAt: null,
  divertedTo: null,
  departureDelayMinutes: null,
  arrivalDelayMinutes: null,
} satisfies Partial<Flight>;
/** Fields that flights get later are none of the view's business. */
type FlightSample = Pick<Flight, keyof typeof scheduled>;
const departed: FlightSample = { ...scheduled, status: 'departed', departedAt: 1, departureDelayMinutes: -2 };
const arrived: FlightSample = { ...departed, status: 'arrived', arrivedAt: 2, arrivalDelayMinutes: 14 };

const nothing = {
  flights: 1,
  cancelled: 0,
  departed: 0,
  arrived: 0,
  diverted: 0,
  departure_delays: 0,
  departure_delay_minutes: 0,
  arrival_delays: 0,
  arrival_delay_minutes: 0,
  on_time: 0,
  seats: 0,
};
const left = { ...nothing, departed: 1, departure_delays: 1, departure_delay_minutes: -2 };

describe('what a flight contributes to the punctuality of its route', () => {
  test.each<[string, FlightSample, Record<string, number>]>([
    ['a scheduled flight counts as a flight alone', scheduled, nothing],
    [
      'a cancelled one as cancelled',
      { ...scheduled, status: 'cancelled', cancelledAt: 1 },
      { ...nothing, cancelled: 1 },
    ],
    ['a departed one with its delay', departed, left],
    [
      'an arrival less than 15 minutes late is on time',
      arrived,
      { ...left, arrived: 1, arrival_delays: 1, arrival_delay_minutes: 14, on_time: 1 },
    ],
    [
      'an arrival 15 minutes late is not',
      { ...arrived, arrivalDelayMinutes: 15 },
      { ...left, arrived: 1, arrival_delays: 1, arrival_delay_minutes: 15 },
    ],
    [
      'an arrival whose delay is unknown is not',
      { ...arrived, arrivalDelayMinutes: null },
      { ...left, arrived: 1 },
    ],
    [
      'a diverted one left but did not arrive',
      { ...departed, status: 'diverted', divertedAt: 3 },
      { ...left, diverted: 1 },
    ],
  ])('%s', (_, flight, measures) => {
    expect(nobody.project(flight)).toMatchObject([
      {
        kind: 'group',
        group: { origin: 'EWR', destination: 'IAH', carrier: 'UA', month: '2013-01', hour: 5 },
        measures,
      },
    ]);
  });

  test('its delays count for the extremes once they are known', () => {
    const extremesOf = (flight: FlightSample) =>
      nobody.project(flight).map((one) => (one.kind === 'group' ? one.extremes : {}));
    expect(extremesOf(scheduled)).toEqual([{}]);
    expect(extremesOf(arrived)).toEqual([{ departure_delay_minutes: -2, arrival_delay_minutes: 14 }]);
  });

  test('names come with its group, and its seats count once it left', () => {
    const known = projector(routePunctuality, (stream, key) =>
      stream === 'aircraft' ? { seats: 149 } : { name: `${stream} ${key}` },
    );
    const group = { origin_name: 'airport EWR', destination_name: 'airport IAH', airline_name: 'airline UA' };
    expect(known.project(scheduled)).toMatchObject([{ group, measures: { seats: 0 } }]);
    expect(known.project(departed)).toMatchObject([{ group, measures: { seats: 149 } }]);
    expect(nobody.project(departed)).toMatchObject([{ group: { airline_name: '' }, measures: { seats: 0 } }]);
  });

  test('the hour is the local one, also past midnight UTC', () => {
    const late = { ...scheduled, scheduledDeparture: Date.parse('2013-01-01T23:59:00-05:00') };
    expect(nobody.project(late)).toMatchObject([{ group: { hour: 23, month: '2013-01' } }]);
  });
});
