import { builderSettings, querySettings } from '@reprise/service';
import { z } from 'zod';

const store = { REPRISE_REDIS_URL: z.url().describe('Address of the Redis server') };

export const queryConfig = z.object({ ...querySettings, ...store });
export const builderConfig = z.object({ ...builderSettings, ...store });
