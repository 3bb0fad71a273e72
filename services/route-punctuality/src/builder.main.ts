import { runBuilder } from '@reprise/builder';
import { readConfig } from '@reprise/service';
import { builderConfig } from './config.js';
import { routePunctuality } from './definition.js';
import { punctualityStore } from './store.js';

const settings = readConfig(builderConfig);

await runBuilder({
  view: routePunctuality,
  store: punctualityStore(settings.REPRISE_POSTGRES_URL),
  settings,
});
