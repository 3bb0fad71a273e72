import { builderSettings } from '@reprise/service';
import { z } from 'zod';
import { stores } from './stores.js';

export const builderConfig = z.object({
  ...builderSettings,
  REPRISE_BENCH_VIEW: z.string().min(1).describe('Name of the view'),
  REPRISE_BENCH_TOPIC: z.string().min(1).describe('Topic that it is built from'),
  REPRISE_BENCH_STORE: z.enum(stores).describe('What it is kept in'),
  REPRISE_BENCH_STORE_URL: z.url().describe('Address of that store'),
});
