import { catalogue } from '@reprise/contracts';
import { defineView, reference, share } from '@reprise/view';

/** A flight is on time when it arrived less than this many minutes late. */
const onTimeBelowMinutes = 15;

/**
 * How punctual the flights of a route are, by airline, month and hour of day: sums per group, and the least and greatest
 * delays. Names are part of a group's key, so that a change of name moves its flights to another group; '' is not known.
 */
export const routePunctuality = defineView({
  name: 'route-punctuality',
  version: 2,
  source: catalogue.flight,
  fields: [
    'carrier',
    'origin',
    'destination',
    'tailnum',
    'date',
    'scheduledDeparture',
    'utcOffsetMinutes',
    'status',
    'departedAt',
    'departureDelayMinutes',
    'arrivalDelayMinutes',
  ],
  references: {
    airline: reference('carrier', catalogue.airline, ['name']),
    origin: reference('origin', catalogue.airport, ['name']),
    destination: reference('destination', catalogue.airport, ['name']),
    aircraft: reference('tailnum', catalogue.aircraft, ['seats']),
  },
  project: (flight, { airline, origin, destination, aircraft }) => [
    share(
      {
        origin: flight.origin,
        origin_name: origin?.name ?? '',
        destination: flight.destination,
        destination_name: destination?.name ?? '',
        carrier: flight.carrier,
        airline_name: airline?.name ?? '',
        month: flight.date.slice(0, 7),
        hour: localHour(flight.scheduledDeparture, flight.utcOffsetMinutes),
      },
      {
        flights: 1,
        cancelled: count(flight.status === 'cancelled'),
        departed: count(flight.departedAt !== null),
        arrived: count(flight.status === 'arrived'),
        diverted: count(flight.status === 'diverted'),
        departure_delays: count(flight.departureDelayMinutes !== null),
        departure_delay_minutes: flight.departureDelayMinutes ?? 0,
        arrival_delays: count(flight.arrivalDelayMinutes !== null),
        arrival_delay_minutes: flight.arrivalDelayMinutes ?? 0,
        on_time: count(
          flight.status === 'arrived' &&
            flight.arrivalDelayMinutes !== null &&
            flight.arrivalDelayMinutes < onTimeBelowMinutes,
        ),
        seats: flight.departedAt === null ? 0 : (aircraft?.seats ?? 0),
      },
      {
        ...known('departure_delay_minutes', flight.departureDelayMinutes),
        ...known('arrival_delay_minutes', flight.arrivalDelayMinutes),
      },
    ),
  ],
});

function count(holds: boolean): number {
  return holds ? 1 : 0;
}

function known(measure: string, value: number | null): Record<string, number> {
  return value === null ? {} : { [measure]: value };
}

/** 0 to 23. */
function localHour(epochMs: number, utcOffsetMinutes: number): number {
  const minutes = Math.floor(epochMs / 60_000) + utcOffsetMinutes;
  return Math.floor((((minutes % 1_440) + 1_440) % 1_440) / 60);
}
