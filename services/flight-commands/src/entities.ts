import { defineEntity } from '@reprise/command-store';
import { catalogue } from '@reprise/contracts';
import { aircraftDecider } from './aircraft/decider.js';
import { airlineDecider } from './airline/decider.js';
import { airlineName } from './airline/name.js';
import { airportDecider } from './airport/decider.js';
import { flightDecider } from './flight/decider.js';

/** Every kind of entity this service decides on, with the stream its events go to. */
export const airline = defineEntity({
  contract: catalogue.airline,
  decider: airlineDecider,
  unique: [airlineName],
});
export const airport = defineEntity({ contract: catalogue.airport, decider: airportDecider });
export const aircraft = defineEntity({ contract: catalogue.aircraft, decider: aircraftDecider });
export const flight = defineEntity({
  contract: catalogue.flight,
  history: catalogue.flightHistory,
  decider: flightDecider,
});

export const entities = [airline, airport, aircraft, flight];
