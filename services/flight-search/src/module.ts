import { Module, type DynamicModule } from '@nestjs/common';
import { LiveView, type QuerySettings } from '@reprise/service';
import type { ElasticsearchViewStore } from '@reprise/view-store-elasticsearch';
import { FlightsController } from './controller.js';
import { flightSearch } from './definition.js';
import type { FlightRow } from './row.js';
import { FlightSearch } from './search.js';

/** The read side: searches the live generation of the view. */
@Module({})
export class FlightSearchModule {
  static with(options: { store: ElasticsearchViewStore<FlightRow>; settings: QuerySettings }): DynamicModule {
    return {
      module: FlightSearchModule,
      imports: [LiveView.asModule({ view: flightSearch, ...options })],
      controllers: [FlightsController],
      providers: [{ provide: FlightSearch, useValue: new FlightSearch(options.store) }],
    };
  }
}
