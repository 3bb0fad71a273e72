import type { Type } from '@nestjs/common';
import type { EntityType } from '@reprise/command-store';
import { aircraftCommands } from './aircraft/commands.js';
import { AircraftController } from './aircraft/controller.js';
import { aircraft } from './aircraft/entity.js';
import { airlineCommands } from './airline/commands.js';
import { AirlineController } from './airline/controller.js';
import { airline } from './airline/entity.js';
import { airportCommands } from './airport/commands.js';
import { AirportController } from './airport/controller.js';
import { airport } from './airport/entity.js';
import type { CommandKinds } from './batch/command-kind.js';
import { flightCommands } from './flight/commands.js';
import { FlightController } from './flight/controller.js';
import { flight } from './flight/entity.js';

/** One kind of entity: a folder of its own. */
export interface EntityFolder {
  readonly entity: EntityType<never>;
  /** Its routes. */
  readonly controller: Type;
  /** Its commands in batches. */
  readonly commands: CommandKinds;
}

/** Every kind of entity that this service decides on: another one is its folder and its line here. */
export const entityTypes: readonly EntityFolder[] = [
  { entity: airline, controller: AirlineController, commands: airlineCommands },
  { entity: airport, controller: AirportController, commands: airportCommands },
  { entity: aircraft, controller: AircraftController, commands: aircraftCommands },
  { entity: flight, controller: FlightController, commands: flightCommands },
];
