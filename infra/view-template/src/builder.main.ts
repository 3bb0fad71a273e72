import { runBuilder } from '@reprise/builder';
import { readConfig } from '@reprise/service';
import { builderConfig } from './config.js';
import { templateView } from './definition.js';
import { templateViewStore } from './postgres/store.js';

const settings = readConfig(builderConfig);

await runBuilder({ view: templateView, store: templateViewStore(settings.REPRISE_POSTGRES_URL), settings });
