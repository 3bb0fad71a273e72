import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { catalogue, type Airport, type Envelope } from '@reprise/contracts';
import type { CommandRequest, EntityType } from '@reprise/command-store';
import { StreamDecoder, StreamEncoder } from '@reprise/log';
import { WriteSide } from '../test/write-side.js';
import type { AircraftEvent } from './aircraft/decider.js';
import { aircraft } from './aircraft/entity.js';
import type { AirlineEvent } from './airline/decider.js';
import { airline } from './airline/entity.js';
import type { AirportEvent } from './airport/decider.js';
import { airport } from './airport/entity.js';
import type { FlightEvent, Schedule } from './flight/decider.js';
import { flight } from './flight/entity.js';

/** Every event of a stream: an event that has no example fails to compile here. */
type Names<Event extends { readonly event: string }> = Readonly<Record<Event['event'], true>>;

const airlineEvents: Names<AirlineEvent> = {
  AirlineRegistered: true,
  AirlineChanged: true,
  AirlineRemoved: true,
};
const airportEvents: Names<AirportEvent> = {
  AirportRegistered: true,
  AirportChanged: true,
  AirportRemoved: true,
};
const aircraftEvents: Names<AircraftEvent> = {
  AircraftRegistered: true,
  AircraftChanged: true,
  AircraftRemoved: true,
};
const flightEvents: Names<FlightEvent> = {
  FlightScheduled: true,
  FlightRescheduled: true,
  FlightDeparted: true,
  FlightArrived: true,
  FlightCancelled: true,
  FlightDiverted: true,
  FlightRemoved: true,
};
const eventsOf = {
  airline: airlineEvents,
  airport: airportEvents,
  aircraft: aircraftEvents,
  flight: flightEvents,
};
type Stream = keyof typeof eventsOf;
const streams: readonly Stream[] = ['airline', 'airport', 'aircraft', 'flight'];

const minute = 60_000;
const scheduledDeparture = Date.parse('2013-01-01T05:15:00-05:00');
const scheduledArrival = Date.parse('2013-01-01T08:19:00-06:00');
const plan: Omit<Schedule, 'flightId' | 'number'> = {
  ...{ date: '2013-01-01', carrier: 'UA', origin: 'EWR', destination: 'IAH', tailnum: 'N14228' },
  ...{ scheduledDeparture, utcOffsetMinutes: -300, scheduledArrival, distanceMiles: 1400 },
};
const jfk: Airport = {
  ...{ faa: 'JFK', name: 'John F Kennedy Intl', latitude: 40.639751, longitude: -73.778925 },
  ...{ altitudeFeet: null, timeZone: 'America/New_York' },
};
const plane = {
  ...{ tailnum: 'N14228', year: null, type: 'Fixed wing multi engine', manufacturer: 'BOEING' },
  ...{ model: '737-824', engines: 2, seats: 149, engine: 'Turbo-fan' },
};

function on<Command>(
  entity: EntityType<Command>,
  key: string,
  commands: readonly Command[],
): CommandRequest[] {
  const provenance = { correlationId: 'golden', causationId: 'golden', actor: 'anonymous' };
  return commands.map((command) => ({ entity, key, command, provenance }));
}

function onFlight(number: number, commands: Parameters<typeof flight.decide>[1][]): CommandRequest[] {
  const flightId = `2013-01-01-UA${number}-EWR`;
  const schedule: Schedule = { flightId, number, ...plan };
  return on(flight, flightId, [{ type: 'ScheduleFlight', schedule }, ...commands]);
}

/** What has to happen for every event to come up. */
const story: readonly CommandRequest[] = [
  ...on(airline, 'UA', [
    { type: 'PutAirline', airline: { carrier: 'UA', name: 'United Air Lines Inc.' } },
    { type: 'PutAirline', airline: { carrier: 'UA', name: 'United Airlines' } },
    { type: 'RemoveAirline' },
  ]),
  ...on(airport, 'JFK', [
    { type: 'PutAirport', airport: jfk },
    { type: 'PutAirport', airport: { ...jfk, altitudeFeet: 13 } },
    { type: 'RemoveAirport' },
  ]),
  ...on(aircraft, 'N14228', [
    { type: 'PutAircraft', aircraft: plane },
    { type: 'PutAircraft', aircraft: { ...plane, year: 1999 } },
    { type: 'RemoveAircraft' },
  ]),
  ...onFlight(1545, [
    {
      type: 'ScheduleFlight',
      schedule: { flightId: '2013-01-01-UA1545-EWR', number: 1545, ...plan, tailnum: 'N24211' },
    },
    { type: 'DepartFlight', departedAt: scheduledDeparture + 2 * minute },
    { type: 'ArriveFlight', arrivedAt: scheduledArrival + 11 * minute },
    { type: 'RemoveFlight' },
  ]),
  ...onFlight(1546, [{ type: 'CancelFlight', cancelledAt: scheduledDeparture }]),
  ...onFlight(1547, [
    { type: 'DepartFlight', departedAt: scheduledDeparture - minute },
    { type: 'DivertFlight', divertedAt: scheduledArrival, divertedTo: 'AUS' },
  ]),
];

const schemas = new URL('../../../schemas/', import.meta.url);

async function goldenNames(stream: Stream): Promise<string[]> {
  return (await readdir(new URL(`${stream}/golden/`, schemas))).sort();
}

async function golden(stream: Stream, name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(`${stream}/golden/${name}`, schemas), 'utf8'));
}

let side: WriteSide;
/** The first event of each name that the store wrote, with its bytes. */
const written = new Map<string, { readonly envelope: Envelope<unknown>; readonly value: Buffer }>();

beforeAll(async () => {
  side = await WriteSide.open();
  const outcomes = await side.store.execute(story);
  expect(outcomes.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
  const decoders = new Map(
    streams.map((stream) => [
      catalogue[stream].topic,
      StreamDecoder.whole<unknown>(catalogue[stream], side.log),
    ]),
  );
  for (const { topic, value } of await side.outbox()) {
    const envelope = value && (await decoders.get(topic)?.decode(value));
    if (value && envelope && !written.has(envelope.event)) written.set(envelope.event, { envelope, value });
  }
});

afterAll(() => side.close());

describe.each(streams)('the examples of stream %s', (stream) => {
  test('are one for each event, no more and no less', async () => {
    const names = Object.keys(eventsOf[stream]).map((event) => `${event}.json`);
    expect(await goldenNames(stream)).toEqual(names.sort());
  });

  test('are what the deciders and the store make of the story, field by field', async () => {
    for (const name of await goldenNames(stream)) {
      expect(plain(written.get(name.replace('.json', ''))?.envelope)).toEqual(await golden(stream, name));
    }
  });

  test('encode to the very bytes that are published', async () => {
    const encoder = await StreamEncoder.open<unknown>(catalogue[stream], side.log);
    for (const event of Object.keys(eventsOf[stream])) {
      const found = written.get(event);
      if (!found) throw new Error(`the story has no ${event}`);
      const example = await golden(stream, `${event}.json`);
      expect(encoder.encode(asEnvelope(example)).equals(found.value)).toBe(true);
    }
  });
});

test('a removal is followed by a tombstone, in the history by one for each event, and nothing else is', async () => {
  const rows = await side.outbox();
  const tombstones = rows.filter(({ value }) => value === null);
  expect(tombstones.map(({ topic, key, event }) => [topic, key, event])).toEqual([
    [catalogue.airline.topic, 'UA', null],
    [catalogue.airport.topic, 'JFK', null],
    [catalogue.aircraft.topic, 'N14228', null],
    [catalogue.flight.topic, '2013-01-01-UA1545-EWR', null],
    ...[1, 2, 3, 4, 5].map((event) => [catalogue.flightHistory.topic, '2013-01-01-UA1545-EWR', event]),
  ]);
  const first = rows.findIndex(({ value, topic }) => value === null && topic === catalogue.flight.topic);
  expect(rows[first - 1]).toMatchObject({ topic: catalogue.flightHistory.topic, event: 5 });
});

/** Without the prototypes that decoding gives. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function asEnvelope(value: unknown): Envelope<unknown> {
  if (isEnvelope(value)) return value;
  throw new TypeError('an example is an envelope');
}

function isEnvelope(value: unknown): value is Envelope<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['event', 'version', 'occurredAt', 'changed', 'deleted', 'state'].every((field) => field in value)
  );
}
