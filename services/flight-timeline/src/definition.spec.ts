import { describe, expect, test } from '@jest/globals';
import { foldNext, type Fact, type Folded } from '@reprise/view';
import { flightTimeline } from './definition.js';
import { shown, timelineRow } from './row.js';

const state = {
  flightId: '2013-01-01-UA1545-EWR',
  status: 'scheduled',
  tailnum: null,
  departureDelayMinutes: null,
  departedAt: null,
};

const fact = (
  version: number,
  event: string,
  change: Partial<Record<keyof typeof state, unknown>>,
): Fact<unknown> => ({
  event,
  version,
  occurredAt: version * 1_000,
  changed: Object.keys(change),
  deleted: event === 'FlightRemoved',
  state: { ...state, ...change },
});

const folded = (...facts: Fact<unknown>[]): Folded =>
  facts.reduce<Folded>((before, next) => foldNext(flightTimeline, before, next), { version: 0, state: null });

const rowOf = ({ state: timeline }: Folded) => {
  const [only] = flightTimeline.project(timeline, {});
  if (only?.kind !== 'row') throw new Error('a timeline is a row');
  return only;
};

describe('the timeline of a flight', () => {
  const departed = { status: 'departed', departedAt: 60_000, departureDelayMinutes: 1 };

  test('tells every event in order, with what it changed', () => {
    const { key, row } = rowOf(
      folded(fact(1, 'FlightScheduled', { status: 'scheduled' }), fact(2, 'FlightDeparted', departed)),
    );
    expect(key).toBe(state.flightId);
    expect(row.entries).toEqual([
      { event: 'FlightScheduled', version: 1, occurredAt: 1_000, changed: { status: 'scheduled' } },
      { event: 'FlightDeparted', version: 2, occurredAt: 2_000, changed: departed },
    ]);
  });

  test('goes with the flight, and begins anew with the next one of its id', () => {
    const before = [fact(1, 'FlightScheduled', { status: 'scheduled' }), fact(2, 'FlightRemoved', {})];
    expect(folded(...before)).toEqual({ version: 2, state: null });
    const { row } = rowOf(folded(...before, fact(3, 'FlightScheduled', { flightId: state.flightId })));
    expect(row.entries.map(({ version }) => version)).toEqual([3]);
  });

  test('is answered with instants that people can read', () => {
    const { row } = rowOf(folded(fact(1, 'FlightDeparted', departed)));
    expect(shown(timelineRow.parse(row)).entries).toEqual([
      {
        event: 'FlightDeparted',
        version: 1,
        occurredAt: '1970-01-01T00:00:01.000Z',
        changed: { status: 'departed', departedAt: '1970-01-01T00:01:00.000Z', departureDelayMinutes: 1 },
      },
    ]);
  });
});
