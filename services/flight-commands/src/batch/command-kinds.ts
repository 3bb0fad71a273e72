import type { EntityType } from '@reprise/command-store';
import { z } from 'zod';
import { aircraftFields, putAircraft } from '../aircraft/schema.js';
import { airlineBody, putAirline } from '../airline/schema.js';
import { airportBody, putAirport } from '../airport/schema.js';
import { unstated } from '../clock.js';
import { aircraft, airline, airport, flight } from '../entities.js';
import { airportCode, carrierCode, tailNumber } from '../fields.js';
import * as flights from '../flight/schema.js';
import type { Target } from '../http/command-desk.js';

export type Reading =
  | { readonly target: Target }
  | { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] };

/** Reads the fields of a line that are neither its id nor its type. `nowMs` is the time of a command that states none. */
export type CommandKind = (fields: Readonly<Record<string, unknown>>, nowMs: number) => Reading;

const nothing = z.strictObject({});

interface KeyForm {
  readonly field: 'key' | 'flightId';
  readonly schema: z.ZodType<string>;
}

/** Readers of the commands on one kind of entity: the key's field, and for the rest the body of the REST route. */
function commandsOn<Command>(entity: EntityType<Command>, keyForm: KeyForm) {
  return <Body extends z.ZodType>(
    bodySchema: Body,
    commandOf: (body: z.output<Body>, key: string, nowMs: number) => Command,
  ): CommandKind => {
    return ({ [keyForm.field]: writtenKey, ...fields }, nowMs) => {
      const key = keyForm.schema.safeParse(writtenKey);
      if (!key.success)
        return { issues: key.error.issues.map(({ message }) => ({ path: [keyForm.field], message })) };
      const body = bodySchema.safeParse(fields);
      if (!body.success) return { issues: body.error.issues };
      const at = (ms: number): Command => commandOf(body.data, key.data, ms);
      return { target: { entity, key: key.data, command: at(nowMs), asked: at(unstated) } };
    };
  };
}

const onAirline = commandsOn(airline, { field: 'key', schema: carrierCode });
const onAirport = commandsOn(airport, { field: 'key', schema: airportCode });
const onAircraft = commandsOn(aircraft, { field: 'key', schema: tailNumber });
const onFlight = commandsOn(flight, { field: 'flightId', schema: flights.flightId });

/** A line's `type` is its command's, so the kind of aircraft has a name of its own here. */
const { type: aircraftType, ...otherAircraftFields } = aircraftFields;
const aircraftLine = z.strictObject({ ...otherAircraftFields, aircraftType });

function putAircraftLine({ aircraftType: type, ...fields }: z.output<typeof aircraftLine>, tailnum: string) {
  return putAircraft(tailnum, { ...fields, type });
}

/** A schedule makes its flight's id; a line that states one as well must state the same. */
const scheduleFlight: CommandKind = ({ flightId, ...fields }) => {
  const body = flights.scheduleBody.safeParse(fields);
  if (!body.success) return { issues: body.error.issues };
  const scheduled = flights.scheduleFlight(body.data);
  if (flightId === undefined || flightId === scheduled.key)
    return { target: { entity: flight, ...scheduled } };
  return { issues: [{ path: ['flightId'], message: `must be ${scheduled.key}, or be left out` }] };
};

/** Every command that a batch may hold, by its line's `type`. */
export const commandKinds: ReadonlyMap<string, CommandKind> = new Map([
  ['PutAirline', onAirline(airlineBody, (body, carrier) => putAirline(carrier, body))],
  ['RemoveAirline', onAirline(nothing, () => ({ type: 'RemoveAirline' }))],
  ['PutAirport', onAirport(airportBody, (body, faa) => putAirport(faa, body))],
  ['RemoveAirport', onAirport(nothing, () => ({ type: 'RemoveAirport' }))],
  ['PutAircraft', onAircraft(aircraftLine, putAircraftLine)],
  ['RemoveAircraft', onAircraft(nothing, () => ({ type: 'RemoveAircraft' }))],
  ['ScheduleFlight', scheduleFlight],
  ['DepartFlight', onFlight(flights.departureBody, (body, _key, nowMs) => flights.departFlight(body, nowMs))],
  ['ArriveFlight', onFlight(flights.arrivalBody, (body, _key, nowMs) => flights.arriveFlight(body, nowMs))],
  [
    'CancelFlight',
    onFlight(flights.cancellationBody, (body, _key, nowMs) => flights.cancelFlight(body, nowMs)),
  ],
  ['DivertFlight', onFlight(flights.diversionBody, (body, _key, nowMs) => flights.divertFlight(body, nowMs))],
  ['RemoveFlight', onFlight(nothing, () => ({ type: 'RemoveFlight' }))],
]);
