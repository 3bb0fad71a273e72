import { builderSettings, querySettings, storeAddress } from '@reprise/service';
import { z } from 'zod';

const store = { REPRISE_REDIS_URL: storeAddress('redis').describe('Address of the Redis server') };

export const queryConfig = z.object({ ...querySettings, ...store });
export const builderConfig = z.object({ ...builderSettings, ...store });
