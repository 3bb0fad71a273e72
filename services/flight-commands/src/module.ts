import { Module, type DynamicModule } from '@nestjs/common';
import { CommandStore } from '@reprise/command-store';
import type { Clock } from '@reprise/kernel';
import { BatchController } from './batch/controller.js';
import { NdjsonBody } from './batch/ndjson-body.js';
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
  }: {
    readonly store: CommandStore;
    readonly clock: Clock;
    readonly desk: DeskSettings;
  }): DynamicModule {
    return {
      module: FlightCommandsModule,
      controllers: [
        ...entityTypes.map(({ controller }) => controller),
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
      ],
    };
  }
}
