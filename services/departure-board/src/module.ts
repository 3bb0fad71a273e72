import { Module, type DynamicModule } from '@nestjs/common';
import type { Clock } from '@reprise/kernel';
import { LiveView, type QuerySettings } from '@reprise/service';
import type { RedisViewStore } from '@reprise/view-store-redis';
import { DepartureBoard } from './board.js';
import { CLOCK, DeparturesController } from './controller.js';
import { departureBoard } from './definition.js';
import type { BoardRow } from './row.js';

/** The read side: answers from the live generation of the view. */
@Module({})
export class DepartureBoardModule {
  static with(options: {
    store: RedisViewStore<BoardRow>;
    settings: QuerySettings;
    clock: Clock;
  }): DynamicModule {
    const { store, settings, clock } = options;
    return {
      module: DepartureBoardModule,
      imports: [LiveView.asModule({ view: departureBoard, store, settings })],
      controllers: [DeparturesController],
      providers: [
        { provide: DepartureBoard, useValue: new DepartureBoard(store) },
        { provide: CLOCK, useValue: clock },
      ],
    };
  }
}
