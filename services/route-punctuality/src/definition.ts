import { catalogue } from '@reprise/contracts';
import { defineView, share } from '@reprise/view';

/** A flight is on time when it arrived less than this many minutes late. */
const onTimeBelowMinutes = 15;

/** How punctual the flights of a route are, by airline, month and hour of day: sums per group. */
export const routePunctuality = defineView({
  name: 'route-punctuality',
  version: 1,
  source: catalogue.flight,
  fields: [
    'carrier',
    'origin',
    'destination',
    'date',
    'scheduledDeparture',
    'utcOffsetMinutes',
    'status',
    'departedAt',
    'departureDelayMinutes',
    'arrivalDelayMinutes',
  ],
  project: (flight) => [
    share(
      {
        origin: flight.origin,
        destination: flight.destination,
        carrier: flight.carrier,
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
      },
    ),
  ],
});

function count(holds: boolean): number {
  return holds ? 1 : 0;
}

/** 0 to 23. */
function localHour(epochMs: number, utcOffsetMinutes: number): number {
  const minutes = Math.floor(epochMs / 60_000) + utcOffsetMinutes;
  return Math.floor((((minutes % 1_440) + 1_440) % 1_440) / 60);
}
