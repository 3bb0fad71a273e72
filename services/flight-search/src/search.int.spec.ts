import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import { aFlight, feedFlights } from '../test/flights.js';
import { readCursor } from './cursor.js';
import { searchParameters, sortOrders, type SortOrder } from './parameters.js';
import { FlightSearch, type FlightPage } from './search.js';
import { flightStore } from './store.js';

const store = flightStore(testConnections().elasticsearchUrl);
const flights = new FlightSearch(store);
const small = uniqueName('flight_search_small');
const large = uniqueName('flight_search_large');

const day = Date.UTC(2013, 0, 1);
const hour = 3_600_000;
const chosen = [
  aFlight({
    scheduledDeparture: day + 10 * hour,
    status: 'arrived',
    departureDelayMinutes: 2,
    arrivalDelayMinutes: 11,
  }),
  aFlight({
    number: 1714,
    origin: 'LGA',
    scheduledDeparture: day + 9 * hour,
    departureDelayMinutes: 40,
    status: 'departed',
  }),
  aFlight({
    carrier: 'B6',
    number: 725,
    origin: 'JFK',
    destination: 'BQN',
    tailnum: null,
    scheduledDeparture: day + 11 * hour,
  }),
  aFlight({
    carrier: 'AA',
    number: 1141,
    origin: 'JFK',
    destination: 'MIA',
    date: '2013-01-02',
    status: 'cancelled',
  }),
  aFlight({
    carrier: 'DL',
    number: 461,
    origin: 'LGA',
    destination: 'ATL',
    departureDelayMinutes: -6,
    scheduledDeparture: day + 8 * hour,
  }),
];

/** 2,500 flights in five minutes of departures, with few different delays, every fifth without one. */
const many = Array.from({ length: 2_500 }, (_, each) =>
  aFlight({
    number: each + 1,
    carrier: ['UA', 'AA', 'B6'][each % 3] ?? '',
    scheduledDeparture: day + (each % 5) * 60_000,
    departureDelayMinutes: each % 5 === 0 ? null : each % 4,
    arrivalDelayMinutes: each % 5 === 0 ? null : -(each % 3),
  }),
);

beforeAll(async () => {
  for (const [name, held] of [
    [small, chosen],
    [large, many],
  ] as const) {
    await store.generation(name).open([]);
    await feedFlights(store.generation(name), held);
  }
});
afterAll(async () => {
  await store.generation(small).drop();
  await store.generation(large).drop();
  await store.stop();
});

async function ask(parameters: Record<string, string>, generation = small): Promise<FlightPage> {
  const { limit, cursor, ...search } = searchParameters.parse(parameters);
  const after = cursor === undefined ? undefined : readCursor(search, cursor);
  if (cursor !== undefined && after === undefined) throw new Error('the cursor was refused');
  return flights.search(generation, search, { limit, after });
}

const numbers = ({ hits }: FlightPage): number[] => hits.map(({ number }) => number);

describe('a search', () => {
  test('without filters finds every flight, by departure', async () => {
    const page = await ask({});
    expect(page.total).toBe(5);
    expect(numbers(page)).toEqual([461, 1714, 1545, 1141, 725]);
    expect(page.cursor).toBeNull();
    expect(page.hits[2]).toEqual({
      flightId: '2013-01-01-UA1545-EWR',
      carrier: 'UA',
      number: 1545,
      origin: 'EWR',
      destination: 'IAH',
      date: '2013-01-01',
      scheduledDeparture: new Date(day + 10 * hour).toISOString(),
      scheduledArrival: '2013-01-01T14:19:00.000Z',
      status: 'arrived',
      tailnum: 'N14228',
      departureDelayMinutes: 2,
      arrivalDelayMinutes: 11,
      distanceMiles: 1400,
      airlineName: 'United Air Lines Inc.',
      originName: null,
      destinationName: null,
      aircraftManufacturer: null,
      aircraftModel: null,
      aircraftSeats: null,
    });
  });

  test.each<[Record<string, string>, number[]]>([
    [{ q: 'UA1545' }, [1545]],
    [{ q: 'ua 1545' }, [1545]],
    [{ q: 'UA IAH' }, [1714, 1545]],
    [{ q: 'united iah' }, [1714, 1545]],
    [{ q: 'UA ATL' }, []],
    [{ q: 'N14228 lga' }, [461, 1714]],
    [{ q: '2013-01-02-AA1141-JFK' }, [1141]],
    [{ q: 'cancelled' }, [1141]],
    [{ q: '"(UA' }, [1714, 1545]],
    [{ carrier: 'AA,DL' }, [461, 1141]],
    [{ origin: 'JFK', destination: 'BQN' }, [725]],
    [{ date: '2013-01-02' }, [1141]],
    [{ status: 'arrived,departed' }, [1714, 1545]],
    [{ minDelay: '2' }, [1714, 1545]],
    [{ minDelay: '-10' }, [461, 1714, 1545]],
    [{ minDelay: '3', carrier: 'UA', q: 'departed' }, [1714]],
  ])('%j finds %j', async (parameters, expected) => {
    const page = await ask(parameters);
    expect(numbers(page)).toEqual(expected);
    expect(page.total).toBe(expected.length);
  });

  test.each<[SortOrder, number[]]>([
    ['scheduledDeparture', [461, 1714, 1545, 1141, 725]],
    ['-scheduledDeparture', [725, 1141, 1545, 1714, 461]],
    ['departureDelayMinutes', [461, 1545, 1714, 725, 1141]],
    ['-departureDelayMinutes', [1714, 1545, 461, 725, 1141]],
    ['arrivalDelayMinutes', [1545, 725, 461, 1714, 1141]],
    ['flightId', [725, 461, 1545, 1714, 1141]],
  ])('sorts by %s, ties by id, what is unknown last', async (sort, expected) => {
    expect(numbers(await ask({ sort }))).toEqual(expected);
  });

  test('counts the facets of all matches, most frequent first', async () => {
    const { facets, hits } = await ask({ q: 'IAH', limit: '1' });
    expect(hits).toHaveLength(1);
    expect(facets).toEqual({
      carrier: { UA: 2 },
      origin: { EWR: 1, LGA: 1 },
      destination: { IAH: 2 },
      status: { arrived: 1, departed: 1 },
    });
    expect(Object.keys((await ask({})).facets.carrier)).toEqual(['UA', 'AA', 'B6', 'DL']);
  });

  test('with limit 0 counts only', async () => {
    expect(await ask({ limit: '0' })).toMatchObject({ total: 5, hits: [], cursor: null });
  });
});

describe('paging through 2,500 flights with equal sort values', () => {
  test.each(sortOrders)('by %s shows each exactly once, in order', async (sort) => {
    const shown: string[] = [];
    let cursor: string | null = null;
    do {
      const page: FlightPage = await ask({ sort, limit: '500', ...(cursor !== null && { cursor }) }, large);
      expect(page.total).toBe(2_500);
      expect(page.facets.carrier).toEqual({ UA: 834, AA: 833, B6: 833 });
      shown.push(...page.hits.map(({ flightId }) => flightId));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(shown).toEqual(expectedOrder(sort));
  });

  test('goes on in another generation with the same cursor', async () => {
    const first = await ask({ limit: '2' });
    const other = uniqueName('flight_search_other');
    await store.generation(other).open([]);
    await feedFlights(store.generation(other), chosen, 7);
    const second = await ask({ limit: '3', cursor: first.cursor ?? '' }, other);
    await store.generation(other).drop();
    expect([...numbers(first), ...numbers(second)]).toEqual(numbers(await ask({})));
    expect(second.cursor).toBeNull();
  });
});

describe('one flight', () => {
  test('is found by its id', async () => {
    expect(await flights.find(small, '2013-01-01-B6725-JFK')).toMatchObject({
      number: 725,
      destination: 'BQN',
      tailnum: null,
    });
  });

  test('that is not there is undefined', async () => {
    expect(await flights.find(small, 'nothing')).toBeUndefined();
  });
});

function expectedOrder(sort: SortOrder): string[] {
  const sign = sort.startsWith('-') ? -1 : 1;
  const field = sort.replace('-', '');
  const rank = (flight: (typeof many)[number]): number => {
    if (field === 'scheduledDeparture') return sign * flight.scheduledDeparture;
    if (field === 'departureDelayMinutes') return sign * (flight.departureDelayMinutes ?? sign * Infinity);
    if (field === 'arrivalDelayMinutes') return sign * (flight.arrivalDelayMinutes ?? sign * Infinity);
    return 0;
  };
  const byId = (left: string, right: string): number => (left < right ? -1 : 1);
  return many
    .toSorted((left, right) => {
      const [first, second] = [rank(left), rank(right)];
      return first === second ? byId(left.flightId, right.flightId) : first < second ? -1 : 1;
    })
    .map(({ flightId }) => flightId);
}
