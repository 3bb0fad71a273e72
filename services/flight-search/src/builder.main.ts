import { runBuilder } from '@reprise/builder';
import { readConfig } from '@reprise/service';
import { builderConfig } from './config.js';
import { flightSearch } from './definition.js';
import { flightStore } from './store.js';

const settings = readConfig(builderConfig);

await runBuilder({ view: flightSearch, store: flightStore(settings.REPRISE_ELASTICSEARCH_URL), settings });
