import { z } from 'zod';

/**
 * Free text of at most `maxLength` characters. Control characters and broken surrogate pairs are refused: no store could
 * keep them (Postgres' jsonb takes neither), and one such name must not fail the commands that share its transaction.
 */
export function text(maxLength: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .refine((value) => value.isWellFormed() && !/\p{Cc}/u.test(value), 'must have no control characters');
}

/** An optional value: left out and null both mean unknown. */
export function unknownable<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? null);
}

export const carrierCode = z.string().regex(/^[A-Z0-9]{2}$/, 'must be an IATA carrier code, as UA');
export const airportCode = z.string().regex(/^[A-Z0-9]{3,4}$/, 'must be an airport code, as JFK');
export const tailNumber = z.string().regex(/^[A-Z0-9-]{2,10}$/, 'must be a tail number, as N14228');

/** Names a command, so that repeating it gives the first answer again. */
export const commandId = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters');

/** A moment with its offset from UTC, as 2013-01-01T05:15:00-05:00 or …Z. */
export const writtenTime = z.iso.datetime({ offset: true });
