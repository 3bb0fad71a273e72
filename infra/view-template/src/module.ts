import { Module, type DynamicModule } from '@nestjs/common';
import { LiveView, type QuerySettings } from '@reprise/service';
import type { PostgresViewStore } from '@reprise/view-store-postgres';
import { TemplateViewController } from './controller.js';
import { templateView } from './definition.js';
import { TemplateViewQueries } from './postgres/queries.js';
import type { TemplateViewRow } from './row.js';

/** The read side: answers from the live generation of the view. */
@Module({})
export class TemplateViewModule {
  static with(options: {
    store: PostgresViewStore<TemplateViewRow>;
    settings: QuerySettings;
  }): DynamicModule {
    return {
      module: TemplateViewModule,
      imports: [LiveView.asModule({ view: templateView, ...options })],
      controllers: [TemplateViewController],
      providers: [{ provide: TemplateViewQueries, useValue: new TemplateViewQueries(options.store) }],
    };
  }
}
