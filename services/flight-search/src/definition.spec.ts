import { describe, expect, test } from '@jest/globals';
import { newestPerEntity, planChanges, projector } from '@reprise/view';
import { aFlight, lookUp } from '../test/flights.js';
import { flightSearch } from './definition.js';
import { mappings } from './mappings.js';
import { flightRow } from './row.js';

const search = projector(flightSearch, lookUp);

describe('given a flight', () => {
  test('when it was scheduled, then it contributes one row under its own id, with nulls for what is not known', () => {
    const [row, ...others] = search.project(aFlight());
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      kind: 'row',
      key: '2013-01-01-UA1545-EWR',
      row: {
        carrier: 'UA',
        number: 1545,
        destination: 'IAH',
        status: 'scheduled',
        departureDelayMinutes: null,
      },
    });
  });

  test('when it arrived late, then its row says by how much', () => {
    const arrived = aFlight({ status: 'arrived', departureDelayMinutes: 2, arrivalDelayMinutes: 11 });
    expect(search.project(arrived)).toMatchObject([
      { row: { status: 'arrived', departureDelayMinutes: 2, arrivalDelayMinutes: 11 } },
    ]);
  });

  test('when its airline is known, but neither its airports nor its aircraft, then its row has that name alone', () => {
    expect(search.project(aFlight())).toMatchObject([
      {
        row: {
          airlineName: 'United Air Lines Inc.',
          originName: null,
          destinationName: null,
          aircraftModel: null,
          aircraftSeats: null,
        },
      },
    ]);
  });

  test('when it is gone, then its row is removed', () => {
    const prior = new Map([['f', { version: 1, rows: ['f'], groups: [], references: [], state: null }]]);
    const newest = newestPerEntity([{ key: 'f', version: 2, state: null }]);
    expect(planChanges(search, newest, prior).changes).toEqual([
      { kind: 'remove', entity: 'f', version: 2, key: 'f' },
    ]);
  });
});

test('a row has the fields that the mappings name, and only those; text is filled by the server', () => {
  const [contribution] = search.project(aFlight());
  if (contribution?.kind !== 'row') throw new Error('a flight contributes a row');
  expect(flightRow.parse(contribution.row)).toEqual(contribution.row);
  expect([...Object.keys(contribution.row), 'text'].sort()).toEqual(Object.keys(mappings).sort());
});
