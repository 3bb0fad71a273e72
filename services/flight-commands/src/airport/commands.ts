import { commandsOn, nothing, type CommandKinds } from '../batch/command-kind.js';
import { airportCode } from '../fields.js';
import { airport } from './entity.js';
import { airportBody, putAirport } from './schema.js';

const onAirport = commandsOn(airport, { field: 'key', schema: airportCode });

export const airportCommands: CommandKinds = {
  PutAirport: onAirport(airportBody, (body, faa) => putAirport(faa, body)),
  RemoveAirport: onAirport(nothing, () => ({ type: 'RemoveAirport' })),
};
