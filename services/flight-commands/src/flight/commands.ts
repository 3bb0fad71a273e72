import { commandsOn, nothing, type CommandKind, type CommandKinds } from '../batch/command-kind.js';
import { flight } from './entity.js';
import * as schema from './schema.js';

const onFlight = commandsOn(flight, { field: 'flightId', schema: schema.flightId });

/** A schedule makes its flight's id; a line that states one as well must state the same. */
const scheduleFlight: CommandKind = ({ flightId, ...fields }) => {
  const body = schema.scheduleBody.safeParse(fields);
  if (!body.success) return { issues: body.error.issues };
  const scheduled = schema.scheduleFlight(body.data);
  if (flightId === undefined || flightId === scheduled.key)
    return { target: { entity: flight, ...scheduled } };
  return { issues: [{ path: ['flightId'], message: `must be ${scheduled.key}, or be left out` }] };
};

export const flightCommands: CommandKinds = {
  ScheduleFlight: scheduleFlight,
  DepartFlight: onFlight(schema.departureBody, (body, _key, nowMs) => schema.departFlight(body, nowMs)),
  ArriveFlight: onFlight(schema.arrivalBody, (body, _key, nowMs) => schema.arriveFlight(body, nowMs)),
  CancelFlight: onFlight(schema.cancellationBody, (body, _key, nowMs) => schema.cancelFlight(body, nowMs)),
  DivertFlight: onFlight(schema.diversionBody, (body, _key, nowMs) => schema.divertFlight(body, nowMs)),
  RemoveFlight: onFlight(nothing, () => ({ type: 'RemoveFlight' })),
};
