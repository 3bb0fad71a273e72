import { runBuilder } from '@reprise/builder';
import { readConfig } from '@reprise/service';
import { builderConfig } from './config.js';
import { departureBoard } from './definition.js';
import { boardStore } from './store.js';

const settings = readConfig(builderConfig);

await runBuilder({ view: departureBoard, store: boardStore(settings.REPRISE_REDIS_URL), settings });
