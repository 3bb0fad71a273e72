import { z } from 'zod';
import { commandsOn, nothing, type CommandKinds } from '../batch/command-kind.js';
import { tailNumber } from '../fields.js';
import { aircraft } from './entity.js';
import { aircraftFields, putAircraft } from './schema.js';

const onAircraft = commandsOn(aircraft, { field: 'key', schema: tailNumber });

/** A line's `type` is its command's, so the kind of aircraft has a name of its own here. */
const { type: aircraftType, ...otherAircraftFields } = aircraftFields;
const aircraftLine = z.strictObject({ ...otherAircraftFields, aircraftType });

function putAircraftLine({ aircraftType: type, ...fields }: z.output<typeof aircraftLine>, tailnum: string) {
  return putAircraft(tailnum, { ...fields, type });
}

export const aircraftCommands: CommandKinds = {
  PutAircraft: onAircraft(aircraftLine, putAircraftLine),
  RemoveAircraft: onAircraft(nothing, () => ({ type: 'RemoveAircraft' })),
};
