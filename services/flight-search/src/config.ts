import { builderSettings, querySettings, storeAddress } from '@reprise/service';
import { z } from 'zod';

const store = {
  REPRISE_ELASTICSEARCH_URL: storeAddress('elasticsearch').describe(
    'Base address of the Elasticsearch server',
  ),
};

export const queryConfig = z.object({ ...querySettings, ...store });
export const builderConfig = z.object({ ...builderSettings, ...store });
