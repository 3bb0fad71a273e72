import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testConnections, uniqueName } from '@reprise/testing';
import { feedView } from '@reprise/view-store/contract';
import type { RedisViewStore } from '@reprise/view-store-redis';
import { DepartureBoard, readCursor, type Departure } from './board.js';
import { departureBoard } from './definition.js';
import type { BoardRow } from './row.js';
import { boardStore } from './store.js';

const noon = Date.parse('2013-01-01T12:00:00Z');
const flight = (number: number, scheduledDeparture: number): BoardRow => ({
  flightId: `2013-01-01-UA${String(number).padStart(4, '0')}-JFK`,
  carrier: 'UA',
  number,
  origin: 'JFK',
  destination: 'LAX',
  tailnum: null,
  scheduledDeparture,
  scheduledArrival: null,
  status: 'scheduled',
  departedAt: null,
  departureDelayMinutes: null,
  airlineName: null,
  destinationName: null,
  aircraftModel: null,
  aircraftSeats: null,
});

describe('the pages of a board, on real Redis', () => {
  let store: RedisViewStore<BoardRow>;
  let board: DepartureBoard;
  const generation = uniqueName('gen');
  const flights = [
    ...Array.from({ length: 500 }, (_, index) => flight(index, noon)),
    ...Array.from({ length: 40 }, (_, index) => flight(600 + index, noon + (40 - index) * 60_000)),
  ];

  beforeAll(async () => {
    store = boardStore(testConnections().redisUrl);
    board = new DepartureBoard(store);
    await feed(flights, 1);
  });

  afterAll(async () => {
    await store.generation(generation).drop();
    await store.stop();
  });

  async function feed(states: readonly BoardRow[], version: number): Promise<void> {
    const records = states.map((state) => ({ key: state.flightId, version, state }));
    await feedView(store.generation(generation), departureBoard, { records });
  }

  async function all(limit: number, from = noon, to?: number): Promise<Departure[]> {
    const shown: Departure[] = [];
    let after: ReturnType<typeof readCursor>;
    for (;;) {
      const page = await board.page(generation, { airport: 'JFK', from, to, limit, after });
      shown.push(...page.departures);
      if (page.cursor === null) return shown;
      after = readCursor(page.cursor);
    }
  }

  const ids = (departures: readonly { flightId: string }[]): string[] =>
    departures.map(({ flightId }) => flightId);
  const inOrder = flights.toSorted(
    (left, right) =>
      left.scheduledDeparture - right.scheduledDeparture || (left.flightId < right.flightId ? -1 : 1),
  );

  test.each([7, 400, 1000])(
    'pages of %i show each flight once, in order, though 500 share a minute',
    async (limit) => {
      expect(ids(await all(limit))).toEqual(ids(inOrder));
    },
  );

  test('from and to are both included', async () => {
    const from = noon + 60_000;
    const to = noon + 3 * 60_000;
    const within = inOrder.filter(
      ({ scheduledDeparture }) => scheduledDeparture >= from && scheduledDeparture <= to,
    );
    expect(ids(await all(2, from, to))).toEqual(ids(within));
  });

  test('an airport where nothing leaves has an empty board', async () => {
    const page = await board.page(generation, {
      airport: 'XXX',
      from: 0,
      to: undefined,
      limit: 5,
      after: undefined,
    });
    expect(page).toEqual({ airport: 'XXX', departures: [], cursor: null });
  });

  test('a rescheduled flight moves', async () => {
    const moved = flight(600, noon - 60_000);
    await feed([moved], 2);
    const shown = await all(1000, 0);
    expect(shown[0]).toMatchObject({
      flightId: moved.flightId,
      scheduledDeparture: '2013-01-01T11:59:00.000Z',
    });
    expect(shown).toHaveLength(flights.length);
  });
});
