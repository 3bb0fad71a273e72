import { z } from 'zod';

const code = z.string().regex(/^[A-Z0-9]{3,4}$/, 'must be an airport code, as JFK');

export const routeParameters = z.object({ origin: code, destination: code });

/** What routes are ranked by. */
export const measures = [
  'flights',
  'cancelled',
  'departed',
  'arrived',
  'diverted',
  'averageDepartureDelayMinutes',
  'averageArrivalDelayMinutes',
  'onTimeShare',
] as const;
export type Measure = (typeof measures)[number];

/** Which flights of a route count. Unknown parameters are refused. */
export const punctualityParameters = z.strictObject({
  carrier: z
    .string()
    .regex(/^[A-Z0-9]{2}$/, 'must be an IATA carrier code, as UA')
    .optional()
    .describe('Only this airline'),
  month: z
    .string()
    .regex(
      /^(\d{4}-(0[1-9]|1[0-2])|[1-9]|1[0-2])$/,
      'must be a month, as 2013-01, or 1 to 12 for that month of any year',
    )
    .optional()
    .describe('Month of the scheduled departure, local: 2013-01, or 1 to 12 for that month of any year'),
  hour: z
    .string()
    .regex(/^([0-9]|1[0-9]|2[0-3])$/, 'must be an hour, 0 to 23')
    .transform(Number)
    .optional()
    .describe('Hour of the scheduled departure, local, 0 to 23'),
});
export type Selection = z.infer<typeof punctualityParameters>;

const sortOrders = measures.flatMap((measure) => [measure, `-${measure}` as const]);

export const rankingParameters = z.strictObject({
  origin: code.optional().describe('Only routes from here'),
  destination: code.optional().describe('Only routes to here'),
  sort: z
    .enum(sortOrders)
    .default('-flights')
    .describe('A leading - sorts downwards; routes without the value come last'),
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, 'must be 1 to 1000')
    .transform(Number)
    .default(50)
    .describe('Most routes in the answer, 1 to 1000'),
});
export type Ranking = z.infer<typeof rankingParameters>;
