import { readConfig, startService } from '@reprise/service';
import { queryConfig } from './config.js';
import { RoutePunctualityModule } from './module.js';
import { punctualityStore } from './store.js';

const settings = readConfig(queryConfig);

await startService({
  name: 'route-punctuality',
  description: 'Punctuality of routes by airline, month and hour.',
  settings,
  module: RoutePunctualityModule.with({ store: punctualityStore(settings.REPRISE_POSTGRES_URL), settings }),
});
