import { beforeAll, describe, expect, test } from '@jest/globals';
import { airportZones } from '../references.js';
import { FlightCommands } from './flight-commands.js';
import { readFlightRow } from './flight-row.js';
import { TimeZones } from './time-zones.js';

let commands: FlightCommands;

beforeAll(async () => {
  commands = new FlightCommands(await airportZones(), new TimeZones());
});

/** The commands of one line of the record, each with the moment at which it is given. */
function of(line: string) {
  const row = readFlightRow(line.split(','));
  return commands.of(row).map(({ atMs, month, line: command }) => {
    expect(month).toBe(row.month);
    return { at: new Date(atMs).toISOString(), ...command };
  });
}

describe('a line of the record', () => {
  test('with departure and arrival is scheduled a day ahead, departs and arrives', () => {
    const line = '2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z';
    const flightId = '2013-01-01-UA1545-EWR';
    expect(of(line)).toEqual([
      {
        at: '2012-12-31T10:15:00.000Z',
        id: `${flightId}/schedule`,
        type: 'ScheduleFlight',
        carrier: 'UA',
        number: 1545,
        origin: 'EWR',
        destination: 'IAH',
        tailnum: 'N14228',
        distanceMiles: 1400,
        scheduledDeparture: '2013-01-01T05:15:00-05:00',
        scheduledArrival: '2013-01-01T14:19:00Z',
      },
      {
        at: '2013-01-01T10:17:00.000Z',
        id: `${flightId}/depart`,
        type: 'DepartFlight',
        flightId,
        departedAt: '2013-01-01T10:17:00Z',
      },
      {
        at: '2013-01-01T14:30:00.000Z',
        id: `${flightId}/arrive`,
        type: 'ArriveFlight',
        flightId,
        arrivedAt: '2013-01-01T14:30:00Z',
      },
    ]);
  });

  test('without departure time is cancelled at its scheduled departure; its aircraft may be unknown', () => {
    const line = '2013,2,8,NA,1855,NA,NA,2355,NA,AA,1613,NA,JFK,SJU,NA,1598,18,55,2013-02-08T23:00:00Z';
    expect(of(line)).toMatchObject([
      { type: 'ScheduleFlight', tailnum: null, scheduledDeparture: '2013-02-08T18:55:00-05:00' },
      {
        at: '2013-02-08T23:55:00.000Z',
        id: '2013-02-08-AA1613-JFK/cancel',
        type: 'CancelFlight',
        cancelledAt: '2013-02-08T23:55:00Z',
      },
    ]);
  });

  test('with departure but no arrival delay is diverted, when it would have arrived', () => {
    const line =
      '2013,1,1,1525,1530,-5,1934,1805,NA,MQ,4525,N719MQ,LGA,XNA,NA,1147,15,30,2013-01-01T20:00:00Z';
    expect(of(line)).toMatchObject([
      { scheduledArrival: '2013-01-02T00:05:00Z' },
      { type: 'DepartFlight', departedAt: '2013-01-01T20:25:00Z' },
      { at: '2013-01-02T00:00:00.000Z', type: 'DivertFlight', divertedAt: '2013-01-02T00:00:00Z' },
    ]);
  });

  test('that arrives past midnight arrives on the next day, at an airport that no list knows', () => {
    const line =
      '2013,1,1,2353,2359,-6,418,442,-24,B6,707,N794JB,JFK,SJU,185,1598,23,59,2013-01-02T04:00:00Z';
    expect(of(line)).toMatchObject([
      {
        id: '2013-01-01-B6707-JFK/schedule',
        scheduledDeparture: '2013-01-01T23:59:00-05:00',
        scheduledArrival: '2013-01-02T08:42:00Z',
      },
      { departedAt: '2013-01-02T04:53:00Z' },
      { arrivedAt: '2013-01-02T08:18:00Z' },
    ]);
  });

  test('that departs past midnight, a day late, keeps the date of its schedule', () => {
    const line =
      '2013,1,9,641,900,1301,1242,1530,1272,HA,51,N384HA,JFK,HNL,640,4983,9,0,2013-01-09T14:00:00Z';
    expect(of(line)).toMatchObject([
      { scheduledDeparture: '2013-01-09T09:00:00-05:00', scheduledArrival: '2013-01-10T01:30:00Z' },
      { id: '2013-01-09-HA51-JFK/depart', departedAt: '2013-01-10T11:41:00Z' },
      { arrivedAt: '2013-01-10T22:42:00Z' },
    ]);
  });

  test('has the offset of its own moment on the nights on which clocks change', () => {
    const evening = '2013,3,9,2249,2250,-1,2355,5,-10,B6,30,N354JB,JFK,ROC,46,264,22,50,2013-03-10T03:00:00Z';
    const overnight =
      '2013,3,9,53,2359,54,504,438,26,B6,727,N612JB,JFK,BQN,175,1576,23,59,2013-03-10T04:00:00Z';
    const november =
      '2013,11,3,519,520,-1,751,800,-9,UA,322,N563UA,EWR,IAH,188,1400,5,20,2013-11-03T10:00:00Z';
    expect(of(evening)[0]).toMatchObject({
      scheduledDeparture: '2013-03-09T22:50:00-05:00',
      scheduledArrival: '2013-03-10T05:05:00Z',
    });
    expect(of(overnight)[0]).toMatchObject({
      id: '2013-03-09-B6727-JFK/schedule',
      scheduledArrival: '2013-03-10T08:38:00Z',
    });
    expect(of(november)[0]).toMatchObject({
      scheduledDeparture: '2013-11-03T05:20:00-05:00',
      scheduledArrival: '2013-11-03T14:00:00Z',
    });
  });

  test('without a number where every flight has one stops the replay', () => {
    const line = '2013,1,1,517,515,2,830,819,11,UA,,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z';
    expect(() => of(line)).toThrow(RangeError);
  });
});

describe('time zones', () => {
  const zones = new TimeZones();
  const at = (iso: string): number => zones.offsetMinutes('America/New_York', Date.parse(iso));

  test('change their offset at the hour, not at the day', () => {
    expect(at('2013-03-10T06:59:59Z')).toBe(-300);
    expect(at('2013-03-10T07:00:00Z')).toBe(-240);
    expect(at('2013-11-03T05:59:59Z')).toBe(-240);
    expect(at('2013-11-03T06:00:00Z')).toBe(-300);
  });

  test('give the instant of a local time on both sides of a change', () => {
    const local = (hour: number): string => {
      return new Date(zones.toInstant('America/New_York', Date.UTC(2013, 2, 10, hour))).toISOString();
    };
    expect(local(1)).toBe('2013-03-10T06:00:00.000Z');
    expect(local(3)).toBe('2013-03-10T07:00:00.000Z');
  });
});
