import { Module, type DynamicModule } from '@nestjs/common';
import { LiveView, type QuerySettings } from '@reprise/service';
import type { PostgresViewStore } from '@reprise/view-store-postgres';
import { TimelinesController } from './controller.js';
import { flightTimeline } from './definition.js';
import { TimelineQueries } from './queries.js';
import type { TimelineRow } from './row.js';

/** The read side: answers from the live generation of the view. */
@Module({})
export class FlightTimelineModule {
  static with(options: { store: PostgresViewStore<TimelineRow>; settings: QuerySettings }): DynamicModule {
    return {
      module: FlightTimelineModule,
      imports: [LiveView.asModule({ view: flightTimeline, ...options })],
      controllers: [TimelinesController],
      providers: [{ provide: TimelineQueries, useValue: new TimelineQueries(options.store) }],
    };
  }
}
