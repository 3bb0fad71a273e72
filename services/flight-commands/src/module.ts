import { Module, type DynamicModule } from '@nestjs/common';
import { CommandStore } from '@reprise/command-store';
import type { Clock } from '@reprise/kernel';
import { requireScope, writeScopeOf } from '@reprise/service';
import { BatchController } from './batch/controller.js';
import { BATCH_LIMITS, NdjsonBody, type BatchLimits } from './batch/ndjson-body.js';
import { CLOCK } from './clock.js';
import { entityTypes } from './entity-types.js';
import { CommandDesk, DESK_SETTINGS, type DeskSettings } from './http/command-desk.js';
import { OperationsController } from './operations/controller.js';
import { OutboxController } from './outbox-controller.js';

/** The write side: who may ask what of whom. */
@Module({})
export class FlightCommandsModule {
  static with({
    store,
    clock,
    desk,
    batch,
  }: {
    readonly store: CommandStore;
    readonly clock: Clock;
    readonly desk: DeskSettings;
    readonly batch: BatchLimits;
  }): DynamicModule {
    return {
      module: FlightCommandsModule,
      controllers: [
        // A kind of entity has a scope without a line of its own.
        ...entityTypes.map(({ controller, entity }) =>
          requireScope(controller, writeScopeOf(entity.contract.name)),
        ),
        BatchController,
        OperationsController,
        OutboxController,
      ],
      providers: [
        CommandDesk,
        NdjsonBody,
        { provide: CommandStore, useValue: store },
        { provide: CLOCK, useValue: clock },
        { provide: DESK_SETTINGS, useValue: desk },
        { provide: BATCH_LIMITS, useValue: batch },
      ],
    };
  }
}
