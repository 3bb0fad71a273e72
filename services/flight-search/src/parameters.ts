import { z } from 'zod';
import { flightRow } from './row.js';

export const sortOrders = [
  'scheduledDeparture',
  '-scheduledDeparture',
  'departureDelayMinutes',
  '-departureDelayMinutes',
  'arrivalDelayMinutes',
  '-arrivalDelayMinutes',
  'flightId',
] as const;
export type SortOrder = (typeof sortOrders)[number];

const carriers = codes(/^[A-Z0-9]{2}$/, 'IATA carrier codes, as UA');
const airports = codes(/^[A-Z0-9]{3,4}$/, 'airport codes, as JFK');

/** The parameters of a search, as they stand in the address. Unknown ones are refused. */
export const searchParameters = z.strictObject({
  q: z
    .string()
    .trim()
    .min(1, 'must have at least one word')
    .max(200)
    .optional()
    .describe(
      'Words that must all match: flight (UA1545 or UA 1545), airports, tail number, status, flight id',
    ),
  carrier: carriers.optional(),
  origin: airports.optional(),
  destination: airports.optional(),
  date: z.iso
    .date('must be a day, as 2013-01-31')
    .optional()
    .describe('Local date of the scheduled departure'),
  status: list(z.enum(flightRow.shape.status.options)).optional().describe('States, joined by commas'),
  minDelay: whole({ least: -10_000, most: 100_000 })
    .optional()
    .describe('Least departure delay in minutes; flights that have not departed have none'),
  sort: z
    .enum(sortOrders)
    .default('scheduledDeparture')
    .describe('A leading - sorts downwards; flights without the value come last'),
  limit: whole({ least: 0, most: 1_000 }).default(20).describe('Most flights in one answer, 0 to 1000'),
  cursor: z
    .string()
    .min(1)
    .max(1_000)
    .optional()
    .describe('The cursor of the answer before, for the flights after it'),
});

export type SearchParameters = z.infer<typeof searchParameters>;
/** What is searched for, and in which order: the same for all pages of one search. */
export type Search = Omit<SearchParameters, 'limit' | 'cursor'>;

function codes(pattern: RegExp, accepted: string) {
  return list(z.string().regex(pattern, `must be ${accepted}, joined by commas`)).describe(
    `One or more ${accepted}, joined by commas`,
  );
}

/** Values joined by commas; sorted, so that their order makes no other search. */
function list<Value extends z.ZodType<string, string>>(value: Value) {
  return z
    .string()
    .transform((joined) => [...new Set(joined.split(','))].sort())
    .pipe(z.array(value).max(100));
}

function whole({ least, most }: { least: number; most: number }) {
  const accepted = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^-?\d{1,9}$/, accepted)
    .transform(Number)
    .refine((number) => number >= least && number <= most, accepted);
}
