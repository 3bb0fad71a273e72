import { commandsOn, nothing, type CommandKinds } from '../batch/command-kind.js';
import { carrierCode } from '../fields.js';
import { airline } from './entity.js';
import { airlineBody, putAirline } from './schema.js';

const onAirline = commandsOn(airline, { field: 'key', schema: carrierCode });

export const airlineCommands: CommandKinds = {
  PutAirline: onAirline(airlineBody, (body, carrier) => putAirline(carrier, body)),
  RemoveAirline: onAirline(nothing, () => ({ type: 'RemoveAirline' })),
};
