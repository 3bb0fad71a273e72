import { logSettings, processSettings, shadowShare, storeAddress } from '@reprise/service';
import { z } from 'zod';

const durationMs = z.coerce.number().int().min(0).max(600_000);

export const settings = z.object({
  ...processSettings,
  ...logSettings,
  REPRISE_PORT: processSettings.REPRISE_PORT.default(7_400),
  REPRISE_POSTGRES_URL: storeAddress('postgres').describe('Postgres database of the control plane alone'),
  REPRISE_READY_LAG_RECORDS: z.coerce
    .number()
    .int()
    .min(0)
    .default(1_000)
    .describe('A generation whose lag is no more than this counts as caught up'),
  REPRISE_FLIP_WAIT_MS: durationMs
    .default(10_000)
    .describe(
      'Longest wait of a flip for a generation to reach what the live one had shown, in milliseconds',
    ),
  REPRISE_SHADOW_MAX_MISMATCHES: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('A generation with more mismatches among its shadow reads is not flipped to'),
  REPRISE_SHADOW_SHARE: shadowShare,
  REPRISE_SHADOW_MIN_COMPARED: z.coerce
    .number()
    .int()
    .min(0)
    .default(20)
    .describe('Live reads that are compared before a generation goes live by itself; 0: none'),
  REPRISE_SHADOW_WAIT_MS: durationMs
    .default(10_000)
    .describe('Longest wait for them, where too few reads come, in milliseconds'),
  REPRISE_BUILDER_STALE_MS: durationMs
    .default(10_000)
    .describe('A builder that has not reported for this long counts as gone, in milliseconds'),
});

export type ControlPlaneSettings = z.output<typeof settings>;
