import { describe, expect, test } from '@jest/globals';
import { readCursor } from './board.js';
import { departureBoard } from './definition.js';
import { boardParameters } from './parameters.js';

const flight = {
  flightId: '2013-01-01-UA1545-EWR',
  carrier: 'UA',
  number: 1545,
  origin: 'EWR',
  destination: 'IAH',
  tailnum: null,
  scheduledDeparture: 1_357_035_300_000,
  scheduledArrival: null,
  status: 'cancelled',
  departedAt: null,
  departureDelayMinutes: null,
};

describe('the departure board', () => {
  test('shows each flight once, under its own id, cancelled ones too', () => {
    const unknown = { airlineName: null, destinationName: null, aircraftModel: null, aircraftSeats: null };
    expect(departureBoard.project(flight, { airline: null, destination: null, aircraft: null })).toEqual([
      { kind: 'row', key: flight.flightId, row: { ...flight, ...unknown } },
    ]);
  });

  test('names the airline, the destination and the aircraft, as far as they are known', () => {
    const joined = {
      airline: { name: 'United Air Lines Inc.' },
      destination: { name: 'George Bush Intercontinental' },
      aircraft: { model: '737-824', seats: null },
    };
    expect(departureBoard.project(flight, joined)).toMatchObject([
      {
        row: {
          airlineName: 'United Air Lines Inc.',
          destinationName: 'George Bush Intercontinental',
          aircraftModel: '737-824',
          aircraftSeats: null,
        },
      },
    ]);
  });

  test.each([
    ['from', 'yesterday'],
    ['from', '2013-01-01'],
    ['from', '2013-01-01T00:00:00'],
    ['limit', '0'],
    ['limit', '1001'],
    ['limit', 'many'],
    ['colour', 'red'],
  ])('refuses %s=%s', (name, value) => {
    expect(boardParameters.safeParse({ [name]: value }).success).toBe(false);
  });

  test('takes an instant with an offset as well as with Z', () => {
    const instant = Date.parse('2013-01-01T10:00:00Z');
    expect(boardParameters.parse({ from: '2013-01-01T05:00:00-05:00' }).from).toBe(instant);
    expect(boardParameters.parse({ from: '2013-01-01T10:00:00Z', limit: '400' })).toMatchObject({
      from: instant,
      limit: 400,
    });
  });

  test.each(['', 'x', 'W10', Buffer.from('["a",1]').toString('base64url')])(
    'refuses the cursor %j',
    (cursor) => {
      expect(readCursor(cursor)).toBeUndefined();
    },
  );
});
