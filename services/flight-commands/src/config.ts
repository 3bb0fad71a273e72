import { logSettings, processSettings } from '@reprise/service';
import { z } from 'zod';

/** What both processes of this service need: the command service and the relay. */
export const settings = z.object({
  ...processSettings,
  ...logSettings,
  REPRISE_POSTGRES_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('Postgres database of the flight commands alone'),
});
