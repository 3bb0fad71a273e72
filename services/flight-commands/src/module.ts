import type { DynamicModule } from '@nestjs/common';
import { CommandStore } from '@reprise/command-store';
import { AircraftController } from './aircraft/controller.js';
import { AirlineController } from './airline/controller.js';
import { AirportController } from './airport/controller.js';
import { BatchController } from './batch/controller.js';
import { NdjsonBody } from './batch/ndjson-body.js';
import { CLOCK, systemClock } from './clock.js';
import { FlightController } from './flight/controller.js';
import { CommandDesk } from './http/command-desk.js';
import { OutboxController } from './outbox-controller.js';

/** The write side: who may ask what of whom. */
export class FlightCommandsModule {
  static with(store: CommandStore): DynamicModule {
    return {
      module: FlightCommandsModule,
      controllers: [
        AirlineController,
        AirportController,
        AircraftController,
        FlightController,
        BatchController,
        OutboxController,
      ],
      providers: [
        CommandDesk,
        NdjsonBody,
        { provide: CommandStore, useValue: store },
        { provide: CLOCK, useValue: systemClock },
      ],
    };
  }
}
