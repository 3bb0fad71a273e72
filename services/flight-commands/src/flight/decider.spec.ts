import { describe, expect, test } from '@jest/globals';
import { scenario } from '@reprise/decider';
import { flightDecider, type FlightCommand, type FlightEvent, type Schedule } from './decider.js';

const minute = 60_000;
const day = 24 * 60 * minute;
const scheduledDeparture = Date.parse('2013-01-01T05:15:00-05:00');
const scheduledArrival = Date.parse('2013-01-01T08:19:00-06:00');
const plan: Schedule = {
  flightId: '2013-01-01-UA1545-EWR',
  date: '2013-01-01',
  carrier: 'UA',
  number: 1545,
  origin: 'EWR',
  destination: 'IAH',
  tailnum: 'N14228',
  scheduledDeparture,
  utcOffsetMinutes: -300,
  scheduledArrival,
  distanceMiles: 1400,
};
const departedAt = scheduledDeparture + 2 * minute;
const arrivedAt = scheduledArrival + 11 * minute;

const scheduled: FlightEvent = { event: 'FlightScheduled', schedule: plan };
const departed: FlightEvent = { event: 'FlightDeparted', departedAt };
const arrived: FlightEvent = { event: 'FlightArrived', arrivedAt };
const cancelled: FlightEvent = { event: 'FlightCancelled', cancelledAt: scheduledDeparture };
const diverted: FlightEvent = { event: 'FlightDiverted', divertedAt: arrivedAt, divertedTo: 'AUS' };
const removed: FlightEvent = { event: 'FlightRemoved' };

const given = (...history: FlightEvent[]) => scenario(flightDecider).given(...history);

function scheduling(change: Partial<Schedule> = {}): FlightCommand {
  return { type: 'ScheduleFlight', schedule: { ...plan, ...change } };
}

describe('a schedule', () => {
  test('makes a flight to which nothing happened yet', () => {
    const { decision, state } = given().when(scheduling());
    expect(decision).toEqual([scheduled]);
    expect(state).toMatchObject({
      ...plan,
      status: 'scheduled',
      departedAt: null,
      departureDelayMinutes: null,
    });
  });

  test('given again as it is makes no event', () => {
    expect(given(scheduled).when(scheduling()).decision).toEqual([]);
  });

  test('can be changed until the flight departs', () => {
    const { decision, state } = given(scheduled).when(scheduling({ tailnum: null }));
    expect(decision).toEqual([{ event: 'FlightRescheduled', schedule: { ...plan, tailnum: null } }]);
    expect(state).toMatchObject({ tailnum: null, status: 'scheduled' });
  });

  test('of a removed flight makes it anew', () => {
    expect(given(scheduled, departed, removed).when(scheduling()).decision).toEqual([scheduled]);
  });

  test('may leave the arrival open', () => {
    expect(given().when(scheduling({ scheduledArrival: null })).state).toMatchObject({
      scheduledArrival: null,
    });
  });

  test.each<[string, Partial<Schedule>]>([
    ['same-origin-and-destination', { destination: 'EWR' }],
    ['arrival-before-departure', { scheduledArrival: scheduledDeparture }],
    ['date-too-far', { date: '2013-01-03' }],
    ['date-too-far', { date: '2012-12-30' }],
  ])('is refused as %s', (code, change) => {
    expect(given().when(scheduling(change)).decision).toMatchObject({ kind: 'invalid', code });
    expect(given(scheduled).when(scheduling(change)).decision).toMatchObject({ kind: 'invalid', code });
  });

  test.each(['2012-12-31', '2013-01-01', '2013-01-02'])('on January 1 may be of %s', (date) => {
    expect(given().when(scheduling({ date })).decision).toMatchObject([{ event: 'FlightScheduled' }]);
  });
});

describe('what happens to a flight', () => {
  test('departure gives the delay in whole minutes, early ones below zero', () => {
    expect(given(scheduled).when({ type: 'DepartFlight', departedAt })).toMatchObject({
      decision: [departed],
      state: { status: 'departed', departedAt, departureDelayMinutes: 2, arrivedAt: null },
    });
    const early = scheduledDeparture - 90_000;
    const { state } = given(scheduled).when({ type: 'DepartFlight', departedAt: early });
    expect(state).toMatchObject({ departureDelayMinutes: -1 });
  });

  test('arrival gives the delay against the scheduled arrival, and none when that is open', () => {
    expect(given(scheduled, departed).when({ type: 'ArriveFlight', arrivedAt })).toMatchObject({
      decision: [arrived],
      state: { status: 'arrived', arrivedAt, arrivalDelayMinutes: 11, departureDelayMinutes: 2 },
    });
    const open: FlightEvent = { event: 'FlightScheduled', schedule: { ...plan, scheduledArrival: null } };
    const { state } = given(open, departed).when({ type: 'ArriveFlight', arrivedAt });
    expect(state).toMatchObject({ status: 'arrived', arrivalDelayMinutes: null });
  });

  test('cancellation keeps when it was cancelled', () => {
    const { decision, state } = given(scheduled).when({
      type: 'CancelFlight',
      cancelledAt: scheduledDeparture,
    });
    expect(decision).toEqual([cancelled]);
    expect(state).toMatchObject({ status: 'cancelled', cancelledAt: scheduledDeparture, departedAt: null });
  });

  test('diversion keeps where it went, if that is known', () => {
    const command: FlightCommand = { type: 'DivertFlight', divertedAt: arrivedAt, divertedTo: 'AUS' };
    const { decision, state } = given(scheduled, departed).when(command);
    expect(decision).toEqual([diverted]);
    expect(state).toMatchObject({
      status: 'diverted',
      divertedAt: arrivedAt,
      divertedTo: 'AUS',
      arrivedAt: null,
    });
    const unknown = given(scheduled, departed).when({ ...command, divertedTo: null });
    expect(unknown.state).toMatchObject({ status: 'diverted', divertedTo: null });
  });

  test.each<[string, FlightEvent[]]>([
    ['scheduled', [scheduled]],
    ['departed', [scheduled, departed]],
    ['arrived', [scheduled, departed, arrived]],
    ['cancelled', [scheduled, cancelled]],
    ['diverted', [scheduled, departed, diverted]],
  ])('a %s flight can be removed', (_status, history) => {
    expect(given(...history).when({ type: 'RemoveFlight' })).toEqual({
      decision: [removed],
      state: undefined,
    });
  });
});

const depart: FlightCommand = { type: 'DepartFlight', departedAt };
const arrive: FlightCommand = { type: 'ArriveFlight', arrivedAt };
const cancel: FlightCommand = { type: 'CancelFlight', cancelledAt: scheduledDeparture };
const divert: FlightCommand = { type: 'DivertFlight', divertedAt: arrivedAt, divertedTo: null };
const onDeparted = [scheduled, departed];

describe('a command out of turn', () => {
  test.each<[string, FlightCommand]>([
    ['depart', depart],
    ['arrive', arrive],
    ['cancel', cancel],
    ['divert', divert],
    ['remove', { type: 'RemoveFlight' }],
  ])('cannot %s a flight that does not exist', (_what, command) => {
    const refusal = { refused: true, kind: 'not-found', code: 'flight-unknown' };
    expect(given().when(command)).toMatchObject({ decision: refusal });
    expect(given(scheduled, removed).when(command)).toMatchObject({ decision: refusal });
  });

  test.each<[string, FlightCommand, FlightEvent[]]>([
    ['not-departed', arrive, [scheduled]],
    ['not-departed', divert, [scheduled]],
    ...(['departed', 'arrived', 'cancelled', 'diverted'] as const).flatMap((status) =>
      [scheduling(), depart, cancel].map((command): [string, FlightCommand, FlightEvent[]] => [
        `already-${status}`,
        command,
        historyOf(status),
      ]),
    ),
    ...(['arrived', 'cancelled', 'diverted'] as const).flatMap((status) =>
      [arrive, divert].map((command): [string, FlightCommand, FlightEvent[]] => [
        `already-${status}`,
        command,
        historyOf(status),
      ]),
    ),
  ])('is refused as %s (%j)', (code, command, history) => {
    expect(given(...history).when(command).decision).toMatchObject({ refused: true, kind: 'conflict', code });
  });

  test.each<[string, FlightCommand, FlightEvent[]]>([
    ['departure-too-early', { ...depart, departedAt: scheduledDeparture - day - 1 }, [scheduled]],
    ['departure-too-late', { ...depart, departedAt: scheduledDeparture + 7 * day + 1 }, [scheduled]],
    ['arrival-before-departure', { ...arrive, arrivedAt: departedAt }, onDeparted],
    ['arrival-too-late', { ...arrive, arrivedAt: departedAt + 7 * day + 1 }, onDeparted],
    ['diversion-before-departure', { ...divert, divertedAt: departedAt }, onDeparted],
    ['diversion-too-late', { ...divert, divertedAt: departedAt + 7 * day + 1 }, onDeparted],
    ['diverted-to-destination', { ...divert, divertedTo: 'IAH' }, onDeparted],
  ])('is refused as %s', (code, command, history) => {
    expect(given(...history).when(command).decision).toMatchObject({ refused: true, kind: 'invalid', code });
  });

  test.each<[string, FlightCommand, FlightEvent[]]>([
    ['departure a day early', { ...depart, departedAt: scheduledDeparture - day }, [scheduled]],
    ['departure a week late', { ...depart, departedAt: scheduledDeparture + 7 * day }, [scheduled]],
    ['arrival right after departure', { ...arrive, arrivedAt: departedAt + 1 }, onDeparted],
    ['arrival a week after departure', { ...arrive, arrivedAt: departedAt + 7 * day }, onDeparted],
  ])('is not what a %s is', (_what, command, history) => {
    expect(given(...history).when(command).decision).toHaveLength(1);
  });

  test('an event cannot come before the flight was scheduled', () => {
    for (const event of [departed, arrived, cancelled, diverted, removed]) {
      expect(() => flightDecider.evolve(undefined, event)).toThrow(`${event.event} without FlightScheduled`);
    }
  });
});

function historyOf(status: 'departed' | 'arrived' | 'cancelled' | 'diverted'): FlightEvent[] {
  switch (status) {
    case 'departed':
      return [scheduled, departed];
    case 'arrived':
      return [scheduled, departed, arrived];
    case 'cancelled':
      return [scheduled, cancelled];
    case 'diverted':
      return [scheduled, departed, diverted];
  }
}
