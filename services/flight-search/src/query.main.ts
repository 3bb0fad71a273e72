import { readConfig, startService } from '@reprise/service';
import { queryConfig } from './config.js';
import { FlightSearchModule } from './module.js';
import { flightStore } from './store.js';

const settings = readConfig(queryConfig);

await startService({
  name: 'flight-search',
  description: 'Search of flights by route, airline, day, status, delay and free text.',
  settings,
  module: FlightSearchModule.with({ store: flightStore(settings.REPRISE_ELASTICSEARCH_URL), settings }),
});
