import { expect, test } from '@jest/globals';
import { FlightCommands } from './flight-commands.js';
import { readFlightRow } from './flight-row.js';
import { TimeZones } from './time-zones.js';
import { timeline } from './timeline.js';

const zones = new TimeZones();
const commands = new FlightCommands(new Map(), zones);
const rows = [
  '2013,1,2,641,900,1301,1242,1530,1272,HA,51,N384HA,JFK,HNL,640,4983,9,0,2013-01-02T14:00:00Z',
  '2013,1,1,NA,1630,NA,NA,1815,NA,EV,4308,N18120,EWR,RDU,NA,416,16,30,2013-01-01T21:00:00Z',
].map((line) => readFlightRow(line.split(',')));

test('commands of several days come in the order of time, not flight by flight', async () => {
  const ordered = timeline({ rows: rows.toReversed(), commands, zones, year: 2013 });
  const given: string[] = [];
  for await (const { line } of ordered) given.push(line.id);
  expect(given).toEqual([
    '2013-01-01-EV4308-EWR/schedule',
    '2013-01-02-HA51-JFK/schedule',
    '2013-01-01-EV4308-EWR/cancel',
    '2013-01-02-HA51-JFK/depart',
    '2013-01-02-HA51-JFK/arrive',
  ]);
});

test('a flight that comes after one of a later day stops the replay', async () => {
  const draining = async (): Promise<void> => {
    for await (const { line } of timeline({ rows, commands, zones, year: 2013 })) expect(line).toBeDefined();
  };
  await expect(draining()).rejects.toThrow('1/1 came too late');
});
