import { expect, test } from '@jest/globals';
import type { FlightRow } from '../views/row.js';
import { contentOf } from './checksum.js';

const row: FlightRow = {
  flightId: '2013-01-01-UA1-EWR',
  date: '2013-01-01',
  carrier: 'UA',
  number: 1,
  origin: 'EWR',
  destination: 'IAH',
  tailnum: null,
  scheduledDeparture: 0,
  scheduledArrival: null,
  distanceMiles: null,
  status: 'arrived',
  departedAt: 1,
  arrivedAt: 2,
  departureDelayMinutes: 3,
  arrivalDelayMinutes: 4,
};
const other: FlightRow = { ...row, flightId: '2013-01-01-UA2-EWR' };

test('the order of rows makes no difference', async () => {
  expect(await contentOf([row, other])).toEqual(await contentOf([other, row]));
});

test.each<[string, readonly FlightRow[]]>([
  ['a row less', [row]],
  ['a row twice', [row, row]],
  ['a null for a value', [{ ...row, arrivalDelayMinutes: null }, other]],
  ['values that changed places', [{ ...row, departedAt: 2, arrivedAt: 1 }, other]],
])('%s is seen', async (_, rows) => {
  const [wanted, found] = [await contentOf([row, other]), await contentOf(rows)];
  expect(found.checksum).not.toBe(wanted.checksum);
});
