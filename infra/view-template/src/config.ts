import { builderSettings, querySettings, storeAddress } from '@reprise/service';
import { z } from 'zod';

const store = { REPRISE_POSTGRES_URL: storeAddress('postgres').describe('Where the rows of this view are') };

export const queryConfig = z.object({ ...querySettings, ...store });
export const builderConfig = z.object({ ...builderSettings, ...store });
