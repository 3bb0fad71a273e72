import { readConfig, startService } from '@reprise/service';
import { queryConfig } from './config.js';
import { TemplateViewModule } from './module.js';
import { templateViewStore } from './postgres/store.js';

const settings = readConfig(queryConfig);

await startService({
  name: 'template-view',
  description: 'One row for each entity of the stream airport.',
  settings,
  module: TemplateViewModule.with({ store: templateViewStore(settings.REPRISE_POSTGRES_URL), settings }),
});
