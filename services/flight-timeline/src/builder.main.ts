import { runBuilder } from '@reprise/builder';
import { readConfig } from '@reprise/service';
import { builderConfig } from './config.js';
import { flightTimeline } from './definition.js';
import { timelineStore } from './store.js';

const settings = readConfig(builderConfig);

await runBuilder({ view: flightTimeline, store: timelineStore(settings.REPRISE_POSTGRES_URL), settings });
