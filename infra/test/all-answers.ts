import { expect } from '@jest/globals';
import { list, member, type Client } from './client.js';
import { expectedPunctuality, groupBy, tally, type ExpectedFlight } from './expected-flights.js';
import { aircraftModels, aircraftSeats, airlineNames, airportNames } from './expected-names.js';

/** Compares every answer of the three views with what the CSV says. Flights outside the month may be there as well. */
export async function expectAllAnswers(client: Client, flights: readonly ExpectedFlight[]): Promise<void> {
  await expectBoards(client, flights);
  await expectSearches(client, flights);
  await expectPunctuality(client, flights);
}

async function expectBoards(client: Client, flights: readonly ExpectedFlight[]): Promise<void> {
  for (const [origin, departing] of groupBy(flights, (flight) => flight.origin)) {
    const shown = (
      await pages(
        (cursor) => client.board(origin, { from: '2012-12-01T00:00:00Z', limit: '400', ...cursor }),
        'departures',
      )
    ).map((departure) => ({
      flightId: member(departure, 'flightId'),
      carrier: member(departure, 'carrier'),
      number: member(departure, 'number'),
      destination: member(departure, 'destination'),
      scheduledDeparture: Date.parse(String(member(departure, 'scheduledDeparture'))),
      status: member(departure, 'status'),
      departureDelayMinutes: member(departure, 'departureDelayMinutes'),
      airlineName: member(departure, 'airlineName'),
      destinationName: member(departure, 'destinationName'),
      aircraftModel: member(departure, 'aircraftModel'),
      aircraftSeats: member(departure, 'aircraftSeats'),
    }));
    expect(shown).toEqual(
      departing
        .toSorted(
          (left, right) =>
            left.scheduledDeparture - right.scheduledDeparture || byText(left.flightId, right.flightId),
        )
        .map(({ flightId, carrier, number, destination, tailnum, ...flight }) => ({
          flightId,
          carrier,
          number,
          destination,
          scheduledDeparture: flight.scheduledDeparture,
          status: flight.status,
          departureDelayMinutes: flight.departureDelayMinutes,
          airlineName: airlineNames.get(carrier) ?? null,
          destinationName: airportNames.get(destination) ?? null,
          aircraftModel: aircraftModels.get(tailnum ?? '') ?? null,
          aircraftSeats: seatsOf(tailnum),
        })),
    );
  }
}

async function expectSearches(client: Client, flights: readonly ExpectedFlight[]): Promise<void> {
  const origin = [...new Set(flights.map((flight) => flight.origin))].join(',');
  const hits = await pages(
    (cursor) => client.search({ origin, sort: 'flightId', limit: '1000', ...cursor }),
    'hits',
  );
  expect(hits.map(searchedFields)).toEqual(
    flights
      .toSorted((left, right) => byText(left.flightId, right.flightId))
      .map((flight) => searchedFields({ ...flight, ...namesOf(flight) })),
  );
  const filters: [Record<string, string>, readonly ExpectedFlight[]][] = [
    [{ origin }, flights],
    [
      { origin, minDelay: '60' },
      flights.filter(({ departureDelayMinutes }) => (departureDelayMinutes ?? -1) >= 60),
    ],
    ...[...groupBy(flights, ({ date }) => date)]
      .map(([date, some]) => [{ origin, date }, some] as const)
      .map(([query, some]) => pair(query, some)),
    ...[...groupBy(flights, ({ carrier }) => carrier)].map(([carrier, some]) =>
      pair({ origin, carrier }, some),
    ),
    ...[...groupBy(flights, ({ status }) => status)].map(([status, some]) => pair({ origin, status }, some)),
    ...[...groupBy(flights, ({ destination }) => destination)].map(([destination, some]) =>
      pair({ origin, destination }, some),
    ),
  ];
  for (const [query, matching] of filters) {
    const { body } = await client.search({ ...query, limit: '0' });
    expect({ query, total: member(body, 'total'), facets: member(body, 'facets') }).toEqual({
      query,
      total: matching.length,
      facets: {
        carrier: tally(matching.map(({ carrier }) => carrier)),
        origin: tally(matching.map((flight) => flight.origin)),
        destination: tally(matching.map(({ destination }) => destination)),
        status: tally(matching.map(({ status }) => status)),
      },
    });
  }
}

async function expectPunctuality(client: Client, flights: readonly ExpectedFlight[]): Promise<void> {
  const routes = groupBy(flights, ({ origin, destination }) => `${origin}/${destination}`);
  for (const [route, flown] of routes) {
    const [origin = '', destination = ''] = route.split('/');
    expect((await client.punctuality(origin, destination)).body).toEqual({
      origin,
      destination,
      ...routeNames(origin, destination),
      ...expectedPunctuality(flown),
    });
    for (const [carrier, some] of groupBy(flown, (flight) => flight.carrier)) {
      const { body } = await client.punctuality(origin, destination, { carrier });
      const names = routeNames(origin, destination);
      expect(body).toEqual({ origin, destination, ...names, ...expectedPunctuality(some) });
    }
  }
  for (const origin of new Set(flights.map((flight) => flight.origin))) {
    const { body } = await client.routes({ origin, limit: '1000', sort: '-flights' });
    const ranked = list(body, 'routes').map((route) => [
      member(route, 'destination'),
      member(route, 'flights'),
    ]);
    const expected = [...routes]
      .filter(([route]) => route.startsWith(`${origin}/`))
      .map(([route, flown]) => [route.split('/')[1] ?? '', flown.length] as const)
      .toSorted((left, right) => right[1] - left[1] || byText(left[0], right[0]));
    expect(ranked).toEqual(expected.map((entry) => [...entry]));
  }
}

function namesOf({ carrier, origin, destination, tailnum }: ExpectedFlight) {
  return {
    ...routeNames(origin, destination),
    airlineName: airlineNames.get(carrier) ?? null,
    aircraftModel: aircraftModels.get(tailnum ?? '') ?? null,
    aircraftSeats: seatsOf(tailnum),
  };
}

function routeNames(origin: string, destination: string) {
  return {
    originName: airportNames.get(origin) ?? null,
    destinationName: airportNames.get(destination) ?? null,
  };
}

function seatsOf(tailnum: string | null): number | null {
  const seats = aircraftSeats.get(tailnum ?? '');
  return seats === undefined ? null : Number(seats);
}

function pair(
  query: Record<string, string>,
  flights: readonly ExpectedFlight[],
): [Record<string, string>, readonly ExpectedFlight[]] {
  return [query, flights];
}

function searchedFields(flight: unknown) {
  const names = [
    'flightId',
    'date',
    'carrier',
    'number',
    'origin',
    'destination',
    'scheduledDeparture',
    'status',
    'departureDelayMinutes',
    'arrivalDelayMinutes',
    'airlineName',
    'originName',
    'destinationName',
    'aircraftModel',
    'aircraftSeats',
  ];
  return Object.fromEntries(names.map((name) => [name, comparable(member(flight, name))]));
}

/** Instants are compared as instants, however they are written. */
function comparable(value: unknown): unknown {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : value;
}

async function pages(
  ask: (cursor: Record<string, string>) => Promise<{ body: unknown }>,
  name: string,
): Promise<unknown[]> {
  const all: unknown[] = [];
  let cursor: Record<string, string> = {};
  for (;;) {
    const { body } = await ask(cursor);
    all.push(...list(body, name));
    const next = member(body, 'cursor');
    if (typeof next !== 'string') return all;
    cursor = { cursor: next };
  }
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
