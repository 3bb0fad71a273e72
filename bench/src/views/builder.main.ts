import { runBuilder } from '@reprise/builder';
import { readConfig } from '@reprise/service';
import { contractOn } from '../topic/topics.js';
import { builderConfig } from './config.js';
import { flightsView } from './definition.js';
import { openStore } from './stores.js';

const settings = readConfig(builderConfig);

await runBuilder({
  view: flightsView(settings.REPRISE_BENCH_VIEW, contractOn(settings.REPRISE_BENCH_TOPIC)),
  store: openStore(settings.REPRISE_BENCH_STORE, settings.REPRISE_BENCH_STORE_URL),
  settings,
});
