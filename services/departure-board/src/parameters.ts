import { z } from 'zod';

export const airportParameters = z.object({
  faa: z.string().regex(/^[A-Z0-9]{3,4}$/, 'must be an airport code, as JFK'),
});

const instant = z.iso
  .datetime({
    offset: true,
    error: 'must be an instant with its offset, as 2013-01-01T05:00:00-05:00 or 2013-01-01T10:00:00Z',
  })
  .transform((text) => Date.parse(text));

/** Which part of a board is asked for. Unknown parameters are refused. */
export const boardParameters = z.strictObject({
  from: instant.optional().describe('First scheduled departure, ISO 8601 with offset or Z. Default: now'),
  to: instant.optional().describe('Last scheduled departure, included. Default: no end'),
  limit: z
    .string()
    .regex(/^([1-9]\d{0,2}|1000)$/, 'must be 1 to 1000')
    .transform(Number)
    .default(50)
    .describe('Most departures in the answer, 1 to 1000'),
  cursor: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('The cursor of the answer before, for the departures after it'),
});
