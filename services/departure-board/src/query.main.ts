import { readConfig, startService } from '@reprise/service';
import { queryConfig } from './config.js';
import { DepartureBoardModule } from './module.js';
import { boardStore } from './store.js';

const settings = readConfig(queryConfig);

await startService({
  name: 'departure-board',
  description: 'The departure board of an airport.',
  settings,
  module: DepartureBoardModule.with({
    store: boardStore(settings.REPRISE_REDIS_URL),
    settings,
    clock: { nowMs: () => Date.now() },
  }),
});
