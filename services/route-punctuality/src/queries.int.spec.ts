import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import { share } from '@reprise/view';
import type { PostgresViewStore } from '@reprise/view-store-postgres';
import { PunctualityQueries } from './queries.js';
import { punctualityStore } from './store.js';

const sums = (flights: number, departed: number, delayMinutes: number) => ({
  flights,
  cancelled: flights - departed,
  departed,
  arrived: departed,
  diverted: 0,
  departure_delays: departed,
  departure_delay_minutes: delayMinutes,
  arrival_delays: departed,
  arrival_delay_minutes: delayMinutes,
  on_time: departed,
  seats: 100 * departed,
});

describe('the questions of route-punctuality, on real sums', () => {
  let store: PostgresViewStore<never>;
  let queries: PunctualityQueries;
  const generation = uniqueName('gen');

  beforeAll(async () => {
    store = punctualityStore(testConnections().postgresUrl);
    queries = new PunctualityQueries(store);
    const target = store.generation(generation);
    await target.open([]);
    const claim = await target.claim('p/0');
    const group = (destination: string, carrier: string, month: string) => ({
      origin: 'JFK',
      origin_name: 'John F Kennedy Intl',
      destination,
      destination_name: '',
      carrier,
      airline_name: carrier === 'UA' ? 'United Air Lines Inc.' : '',
      month,
      hour: 8,
    });
    const shares = [
      share(group('LAX', 'UA', '2013-01'), sums(10, 8, 40), { departure_delay_minutes: 33 }),
      share(group('LAX', 'AA', '2013-02'), sums(2, 2, -6), { departure_delay_minutes: -7 }),
      share(group('BOS', 'UA', '2014-01'), sums(1, 0, 0)),
      share(group('SFO', 'UA', '2013-01'), sums(12, 12, 12)),
    ];
    const changes = shares.map(({ group: key, measures, extremes }) => ({
      kind: 'add' as const,
      group: key,
      measures,
      extremes: Object.entries(extremes).map(([measure, value]) => ({ measure, value, count: 1 })),
    }));
    const { references } = claim;
    await target.apply({ claim, nextOffset: 1n, references, contributed: new Map(), changes, links: [] });
  });

  afterAll(async () => {
    await store.generation(generation).drop();
    await store.stop();
  });

  const lax = { origin: 'JFK', destination: 'LAX' };

  test('a route adds up over airlines, months and hours', async () => {
    expect(await queries.ofRoute(generation, lax, {})).toEqual({
      ...lax,
      originName: 'John F Kennedy Intl',
      destinationName: null,
      airlines: { UA: 'United Air Lines Inc.', AA: null },
      flights: 12,
      cancelled: 2,
      departed: 10,
      arrived: 10,
      diverted: 0,
      averageDepartureDelayMinutes: 3.4,
      averageArrivalDelayMinutes: 3.4,
      onTimeShare: 1,
      seats: 1_000,
      departureDelayMinutes: { least: -7, greatest: 33 },
      arrivalDelayMinutes: null,
    });
  });

  test.each([
    [{ carrier: 'UA' }, 10],
    [{ month: '2013-02' }, 2],
    [{ month: '1' }, 10],
    [{ month: '2014-01' }, 0],
    [{ hour: 8 }, 12],
    [{ hour: 9 }, 0],
  ])('%j selects %i flights', async (selection, flights) => {
    expect(await queries.ofRoute(generation, lax, selection)).toMatchObject({ flights });
  });

  test('averages and shares over no flights are null', async () => {
    expect(await queries.ofRoute(generation, { origin: 'JFK', destination: 'BOS' }, {})).toMatchObject({
      flights: 1,
      averageDepartureDelayMinutes: null,
      averageArrivalDelayMinutes: null,
      onTimeShare: null,
    });
  });

  test('a route that nobody flies is unknown', async () => {
    expect(await queries.ofRoute(generation, { origin: 'LAX', destination: 'JFK' }, {})).toBeUndefined();
  });

  test('a ranking sorts either way, with routes that have no value last', async () => {
    const ranked = async (sort: '-flights' | 'averageArrivalDelayMinutes' | '-averageArrivalDelayMinutes') =>
      (await queries.ranking(generation, { origin: 'JFK', sort, limit: 10 })).map(
        ({ destination }) => destination,
      );
    // 12 flights each: the destination breaks the tie.
    expect(await ranked('-flights')).toEqual(['LAX', 'SFO', 'BOS']);
    expect(await ranked('averageArrivalDelayMinutes')).toEqual(['SFO', 'LAX', 'BOS']);
    expect(await ranked('-averageArrivalDelayMinutes')).toEqual(['LAX', 'SFO', 'BOS']);
  });

  test('a generation whose tables are gone asks to try again', async () => {
    await expect(queries.ofRoute('no_such_generation', lax, {})).rejects.toMatchObject({ decision: 'retry' });
  });
});
