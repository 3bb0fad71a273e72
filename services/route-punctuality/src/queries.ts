import type { PostgresViewStore } from '@reprise/view-store-postgres';
import { z } from 'zod';
import { measures, type Measure, type Ranking, type Selection } from './parameters.js';

/** Averages are minutes over the flights that have the value; over none they are null. */
export const punctuality = z.object({
  origin: z.string(),
  originName: z.string().nullable(),
  destination: z.string(),
  destinationName: z.string().nullable(),
  flights: z.number(),
  cancelled: z.number(),
  departed: z.number().describe('Every flight that left'),
  arrived: z.number(),
  diverted: z.number(),
  averageDepartureDelayMinutes: z.number().nullable(),
  averageArrivalDelayMinutes: z.number().nullable(),
  onTimeShare: z.number().nullable().describe('Arrived less than 15 minutes late, of those arrived'),
  seats: z.number().describe('Seats of the flights that left, as far as their aircraft are known'),
});
export type Punctuality = z.infer<typeof punctuality>;

const extent = z
  .object({ least: z.number(), greatest: z.number() })
  .nullable()
  .describe('Minutes; negative is early; null over no flights');

/** One route in more detail. */
export const routePunctualityAnswer = punctuality.extend({
  airlines: z
    .record(z.string(), z.string().nullable())
    .describe('Names of the airlines that fly it, by code'),
  departureDelayMinutes: extent,
  arrivalDelayMinutes: extent,
});
export type RoutePunctuality = z.infer<typeof routePunctualityAnswer>;

/** Sums of numbers are numeric in Postgres, which its client hands over as text. */
const stored = z.object({
  origin: z.string(),
  originName: z.string().nullable(),
  destination: z.string(),
  destinationName: z.string().nullable(),
  flights: z.coerce.number(),
  cancelled: z.coerce.number(),
  departed: z.coerce.number(),
  arrived: z.coerce.number(),
  diverted: z.coerce.number(),
  averageDepartureDelayMinutes: z.number().nullable(),
  averageArrivalDelayMinutes: z.number().nullable(),
  onTimeShare: z.number().nullable(),
  seats: z.coerce.number(),
});

const storedRoute = stored.extend({
  airlines: z.record(z.string(), z.string().nullable()).nullable(),
  departureDelayMinutes: extent,
  arrivalDelayMinutes: extent,
});

const names = `
  max(nullif(origin_name, '')) AS "originName", max(nullif(destination_name, '')) AS "destinationName"`;

const sums = `
  sum(flights) AS "flights", sum(cancelled) AS "cancelled", sum(departed) AS "departed",
  sum(arrived) AS "arrived", sum(diverted) AS "diverted",
  sum(departure_delay_minutes)::float8 / nullif(sum(departure_delays), 0)::float8 AS "averageDepartureDelayMinutes",
  sum(arrival_delay_minutes)::float8 / nullif(sum(arrival_delays), 0)::float8 AS "averageArrivalDelayMinutes",
  sum(on_time)::float8 / nullif(sum(arrived), 0)::float8 AS "onTimeShare", sum(seats) AS "seats"`;

/** Names of output columns, so that what is asked for never becomes SQL. */
const outputColumns: Readonly<Record<Measure, string>> = {
  flights: '"flights"',
  cancelled: '"cancelled"',
  departed: '"departed"',
  arrived: '"arrived"',
  diverted: '"diverted"',
  averageDepartureDelayMinutes: '"averageDepartureDelayMinutes"',
  averageArrivalDelayMinutes: '"averageArrivalDelayMinutes"',
  onTimeShare: '"onTimeShare"',
};

/** What can be asked of a generation of the view. */
export class PunctualityQueries {
  constructor(private readonly store: PostgresViewStore<never>) {}

  /** Undefined when nobody flies the route; a selection that matches none of its flights counts 0. */
  async ofRoute(
    generation: string,
    route: { readonly origin: string; readonly destination: string },
    { carrier, month, hour }: Selection,
  ): Promise<RoutePunctuality | undefined> {
    const { groups, extremes } = this.store.tables(generation);
    const rows = await this.store.query(
      `WITH route AS (SELECT * FROM ${groups} WHERE origin = $1 AND destination = $2 AND flights > 0),
       selected AS (
         SELECT * FROM route
         WHERE ($3::text IS NULL OR carrier = $3) AND ($4::text IS NULL OR month LIKE $4) AND ($5::int IS NULL OR hour = $5)),
       -- Group by group: the planner would rather read the extremes of all routes.
       extent AS (
         SELECT measure, jsonb_build_object('least', min(least), 'greatest', max(greatest)) AS minutes
         FROM selected s, LATERAL (
           SELECT measure, min(value) AS least, max(value) AS greatest
           FROM ${extremes} x WHERE x.group_id = s.group_id GROUP BY measure OFFSET 0) of_group
         GROUP BY measure)
       SELECT $1 AS origin, $2 AS destination, ${sums},
         (SELECT max(nullif(origin_name, '')) FROM route) AS "originName",
         (SELECT max(nullif(destination_name, '')) FROM route) AS "destinationName",
         jsonb_object_agg(carrier, nullif(airline_name, '')) FILTER (WHERE carrier IS NOT NULL) AS "airlines",
         (SELECT minutes FROM extent WHERE measure = 'departure_delay_minutes') AS "departureDelayMinutes",
         (SELECT minutes FROM extent WHERE measure = 'arrival_delay_minutes') AS "arrivalDelayMinutes"
       FROM selected
       HAVING EXISTS (SELECT FROM route)`,
      [
        route.origin,
        route.destination,
        carrier ?? null,
        month === undefined ? null : monthPattern(month),
        hour ?? null,
      ],
    );
    return rows.map(readRoute)[0];
  }

  async ranking(generation: string, { origin, destination, sort, limit }: Ranking): Promise<Punctuality[]> {
    const { measure, direction } = orderOf(sort);
    const rows = await this.store.query(
      `SELECT origin, destination, ${names}, ${sums}
       FROM ${this.store.tables(generation).groups}
       WHERE flights > 0 AND ($1::text IS NULL OR origin = $1) AND ($2::text IS NULL OR destination = $2)
       GROUP BY origin, destination
       ORDER BY ${outputColumns[measure]} ${direction} NULLS LAST, origin, destination
       LIMIT $3`,
      [origin ?? null, destination ?? null, limit],
    );
    return rows.map(read);
  }
}

/** A row as Postgres hands it over, where sums are text, or null over no rows. */
function read(row: unknown): Punctuality {
  return stored.parse(row);
}

function readRoute(row: unknown): RoutePunctuality {
  const { airlines, ...route } = storedRoute.parse(row);
  return { ...route, airlines: airlines ?? {} };
}

/** `2013-01` itself, or for `1` the January of any year. */
function monthPattern(month: string): string {
  return month.includes('-') ? month : `%-${month.padStart(2, '0')}`;
}

function orderOf(sort: Ranking['sort']): { measure: Measure; direction: 'ASC' | 'DESC' } {
  const measure = measures.find((known) => sort === known || sort === `-${known}`) ?? 'flights';
  return { measure, direction: sort.startsWith('-') ? 'DESC' : 'ASC' };
}
