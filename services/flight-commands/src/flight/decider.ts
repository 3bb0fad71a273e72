import type { Flight } from '@reprise/contracts';
import { refuse, type Decider, type Decision, type Refusal } from '@reprise/decider';
import { hasSameContent } from '../same-content.js';

// Events

/** What is planned for a flight. */
export type Schedule = Pick<
  Flight,
  | 'flightId'
  | 'date'
  | 'carrier'
  | 'number'
  | 'origin'
  | 'destination'
  | 'tailnum'
  | 'scheduledDeparture'
  | 'utcOffsetMinutes'
  | 'scheduledArrival'
  | 'distanceMiles'
>;

export type FlightEvent =
  | { readonly event: 'FlightScheduled'; readonly schedule: Schedule }
  | { readonly event: 'FlightRescheduled'; readonly schedule: Schedule }
  | { readonly event: 'FlightDeparted'; readonly departedAt: number }
  | { readonly event: 'FlightArrived'; readonly arrivedAt: number }
  | { readonly event: 'FlightCancelled'; readonly cancelledAt: number }
  | { readonly event: 'FlightDiverted'; readonly divertedAt: number; readonly divertedTo: string | null }
  | { readonly event: 'FlightRemoved' };

// Evolve

const nothingHappenedYet = {
  status: 'scheduled',
  departedAt: null,
  arrivedAt: null,
  cancelledAt: null,
  divertedAt: null,
  divertedTo: null,
  departureDelayMinutes: null,
  arrivalDelayMinutes: null,
} as const;

function evolve(state: Flight | undefined, event: FlightEvent): Flight {
  if (event.event === 'FlightScheduled') return { ...event.schedule, ...nothingHappenedYet };
  if (!state) throw new RangeError(`${event.event} without FlightScheduled before it`);
  switch (event.event) {
    case 'FlightRescheduled':
      return { ...state, ...event.schedule };
    case 'FlightDeparted':
      return { ...state, status: 'departed', ...departure(state, event.departedAt) };
    case 'FlightArrived':
      return { ...state, status: 'arrived', ...arrival(state, event.arrivedAt) };
    case 'FlightCancelled':
      return { ...state, status: 'cancelled', cancelledAt: event.cancelledAt };
    case 'FlightDiverted':
      return { ...state, status: 'diverted', divertedAt: event.divertedAt, divertedTo: event.divertedTo };
    case 'FlightRemoved':
      return state;
  }
}

function departure({ scheduledDeparture }: Flight, departedAt: number) {
  return { departedAt, departureDelayMinutes: minutesBetween(scheduledDeparture, departedAt) };
}

function arrival({ scheduledArrival }: Flight, arrivedAt: number) {
  return {
    arrivedAt,
    arrivalDelayMinutes: scheduledArrival === null ? null : minutesBetween(scheduledArrival, arrivedAt),
  };
}

function minutesBetween(plannedMs: number, actualMs: number): number {
  return Math.floor((actualMs - plannedMs) / 60_000 + 0.5);
}

// Decide. Times are epoch milliseconds, UTC, and come with the command.

export type FlightCommand =
  | { readonly type: 'ScheduleFlight'; readonly schedule: Schedule }
  | { readonly type: 'DepartFlight'; readonly departedAt: number }
  | { readonly type: 'ArriveFlight'; readonly arrivedAt: number }
  | { readonly type: 'CancelFlight'; readonly cancelledAt: number }
  | { readonly type: 'DivertFlight'; readonly divertedAt: number; readonly divertedTo: string | null }
  | { readonly type: 'RemoveFlight' };

const dayMs = 24 * 60 * 60_000;
/** A time further than this from the plan is a mistyped one. */
const latestMs = 7 * dayMs;

function decide(state: Flight | undefined, command: FlightCommand): Decision<FlightEvent> {
  if (command.type === 'ScheduleFlight') return schedule(state, command.schedule);
  if (!state) return refuse('not-found', 'flight-unknown', 'There is no such flight.');
  switch (command.type) {
    case 'DepartFlight':
      return inStatus(state, 'scheduled') ?? depart(state, command.departedAt);
    case 'ArriveFlight':
      return inStatus(state, 'departed') ?? arrive(state, command.arrivedAt);
    case 'CancelFlight':
      return inStatus(state, 'scheduled') ?? [{ event: 'FlightCancelled', cancelledAt: command.cancelledAt }];
    case 'DivertFlight':
      return inStatus(state, 'departed') ?? divert(state, command.divertedAt, command.divertedTo);
    case 'RemoveFlight':
      return [{ event: 'FlightRemoved' }];
  }
}

/** The refusal to act on a flight that stands elsewhere. */
function inStatus({ flightId, status }: Flight, wanted: Flight['status']): Refusal | undefined {
  if (status === wanted) return undefined;
  const code = status === 'scheduled' ? 'not-departed' : `already-${status}`;
  return refuse('conflict', code, `Flight ${flightId} is ${status}, not ${wanted}.`);
}

function schedule(state: Flight | undefined, planned: Schedule): Decision<FlightEvent> {
  const problem = (state && inStatus(state, 'scheduled')) ?? impossible(planned);
  if (problem) return problem;
  if (!state) return [{ event: 'FlightScheduled', schedule: planned }];
  return hasSameContent(scheduleOf(state), planned)
    ? []
    : [{ event: 'FlightRescheduled', schedule: planned }];
}

function impossible(planned: Schedule): Refusal | undefined {
  const { origin, destination, scheduledDeparture, scheduledArrival, utcOffsetMinutes, date } = planned;
  if (origin === destination)
    return invalid('same-origin-and-destination', 'A flight ends elsewhere than it begins.');
  if (scheduledArrival !== null && scheduledArrival <= scheduledDeparture) {
    return invalid(
      'arrival-before-departure',
      'The scheduled arrival must be after the scheduled departure.',
    );
  }
  const localMs = scheduledDeparture + utcOffsetMinutes * 60_000;
  const writtenDayMs = localMs - (((localMs % dayMs) + dayMs) % dayMs);
  if (Math.abs(Date.parse(date) - writtenDayMs) > dayMs) {
    return invalid('date-too-far', 'The date must be within a day of the scheduled departure.');
  }
  return undefined;
}

function depart({ scheduledDeparture }: Flight, departedAt: number): Decision<FlightEvent> {
  if (departedAt < scheduledDeparture - dayMs) {
    return invalid('departure-too-early', 'A flight departs at most 24 hours before its schedule.');
  }
  if (departedAt > scheduledDeparture + latestMs) {
    return invalid('departure-too-late', 'A flight departs at most 7 days after its schedule.');
  }
  return [{ event: 'FlightDeparted', departedAt }];
}

function arrive(state: Flight, arrivedAt: number): Decision<FlightEvent> {
  return afterDeparture(state, arrivedAt, 'arrival') ?? [{ event: 'FlightArrived', arrivedAt }];
}

function divert(state: Flight, divertedAt: number, divertedTo: string | null): Decision<FlightEvent> {
  if (divertedTo === state.destination) {
    return invalid('diverted-to-destination', 'A flight that reaches its destination is not diverted.');
  }
  return (
    afterDeparture(state, divertedAt, 'diversion') ?? [{ event: 'FlightDiverted', divertedAt, divertedTo }]
  );
}

function afterDeparture(
  { departedAt }: Flight,
  atMs: number,
  what: 'arrival' | 'diversion',
): Refusal | undefined {
  if (departedAt === null || atMs <= departedAt) {
    return invalid(`${what}-before-departure`, `The ${what} must be after the departure.`);
  }
  if (atMs > departedAt + latestMs) {
    return invalid(`${what}-too-late`, `The ${what} must be at most 7 days after the departure.`);
  }
  return undefined;
}

function scheduleOf(state: Flight): Schedule {
  const { flightId, date, carrier, number, origin, destination, tailnum } = state;
  const { scheduledDeparture, utcOffsetMinutes, scheduledArrival, distanceMiles } = state;
  return {
    ...{ flightId, date, carrier, number, origin, destination, tailnum },
    ...{ scheduledDeparture, utcOffsetMinutes, scheduledArrival, distanceMiles },
  };
}

function invalid(code: string, detail: string): Refusal {
  return refuse('invalid', code, detail);
}

export const flightDecider: Decider<Flight, FlightCommand, FlightEvent> = {
  decide,
  evolve,
  isDeletion: ({ event }) => event === 'FlightRemoved',
};
