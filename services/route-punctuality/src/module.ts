import { Module, type DynamicModule } from '@nestjs/common';
import { LiveView, type QuerySettings } from '@reprise/service';
import type { PostgresViewStore } from '@reprise/view-store-postgres';
import { RoutesController } from './controller.js';
import { routePunctuality } from './definition.js';
import { PunctualityQueries } from './queries.js';

/** The read side: answers from the live generation of the view. */
@Module({})
export class RoutePunctualityModule {
  static with(options: { store: PostgresViewStore<never>; settings: QuerySettings }): DynamicModule {
    return {
      module: RoutePunctualityModule,
      imports: [LiveView.asModule({ view: routePunctuality, ...options })],
      controllers: [RoutesController],
      providers: [{ provide: PunctualityQueries, useValue: new PunctualityQueries(options.store) }],
    };
  }
}
