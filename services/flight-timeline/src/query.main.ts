import { readConfig, startService } from '@reprise/service';
import { queryConfig } from './config.js';
import { FlightTimelineModule } from './module.js';
import { timelineStore } from './store.js';

const settings = readConfig(queryConfig);

await startService({
  name: 'flight-timeline',
  description: 'Everything that happened to a flight.',
  settings,
  module: FlightTimelineModule.with({ store: timelineStore(settings.REPRISE_POSTGRES_URL), settings }),
});
