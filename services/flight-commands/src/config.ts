import { logSettings, processSettings, storeAddress } from '@reprise/service';
import { z } from 'zod';

const days = z.coerce.number().min(0).max(3_650);

const origins = z
  .string()
  .transform((list) => list.split(',').flatMap((origin) => origin.trim() || []))
  .pipe(z.array(z.string().refine(isOrigin, 'must be origins, as https://example.com')));

const databaseSettings = {
  REPRISE_POSTGRES_URL: storeAddress('postgres').describe('Postgres database of the flight commands alone'),
};

/** Of the tools that rebuild and verify the write store. */
export const storeSettings = z.object({ ...logSettings, ...databaseSettings });
export const relaySettings = z.object({ ...processSettings, ...logSettings, ...databaseSettings });

export const commandSettings = z
  .object({
    ...processSettings,
    ...logSettings,
    ...databaseSettings,
    REPRISE_PUBLISH_WAIT_MS: z.coerce
      .number()
      .int()
      .min(0)
      .max(60_000)
      .default(2_000)
      .describe(
        'Longest time that the answer to a command waits for the log, in milliseconds; then it is 202',
      ),
    REPRISE_IDEMPOTENCY_DAYS: days
      .default(7)
      .describe('How long an idempotency key, or the id of a command in a batch, is known, in days'),
    REPRISE_OPERATION_DAYS: days
      .default(7)
      .describe('How long an operation can be asked for, in days; what waits for the log is kept for longer'),
    REPRISE_BATCH_MAX_LINES: z.coerce
      .number()
      .int()
      .min(1)
      .default(1_000_000)
      .describe('Most lines of a batch; from the next one on nothing is done'),
    REPRISE_CALLBACK_ORIGINS: origins
      .prefault('')
      .describe('Who may be called back, as https://example.com, joined by commas; empty: nobody'),
    REPRISE_CALLBACK_SECRET: z
      .string()
      .min(16)
      .optional()
      .describe('Signs callbacks; shared with their receivers; needed where anybody may be called back'),
  })
  .refine(
    ({ REPRISE_CALLBACK_ORIGINS: allowed, REPRISE_CALLBACK_SECRET: secret }) =>
      allowed.length === 0 || secret !== undefined,
    { path: ['REPRISE_CALLBACK_SECRET'], error: 'is needed beside REPRISE_CALLBACK_ORIGINS' },
  );

function isOrigin(text: string): boolean {
  return /^https?:$/.test(URL.parse(text)?.protocol ?? '') && URL.parse(text)?.origin === text;
}
