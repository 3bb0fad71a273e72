import type { Flight } from '@reprise/contracts';
import { newestPerEntity, planChanges } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import { flightSearch } from '../src/definition.js';
import type { FlightRow } from '../src/row.js';

/** A flight that was scheduled, with whatever the test says of it. */
export function aFlight(about: Partial<Flight> = {}): Flight {
  const { date = '2013-01-01', carrier = 'UA', number = 1545, origin = 'EWR' } = about;
  return {
    flightId: `${date}-${carrier}${number}-${origin}`,
    date,
    carrier,
    number,
    origin,
    destination: 'IAH',
    tailnum: 'N14228',
    scheduledDeparture: Date.UTC(2013, 0, 1, 10, 15),
    utcOffsetMinutes: -300,
    scheduledArrival: Date.UTC(2013, 0, 1, 14, 19),
    distanceMiles: 1400,
    status: 'scheduled',
    departedAt: null,
    arrivedAt: null,
    cancelledAt: null,
    divertedAt: null,
    divertedTo: null,
    departureDelayMinutes: null,
    arrivalDelayMinutes: null,
    ...about,
  };
}

/** Feeds flights to a generation as a builder does, and makes them visible. */
export async function feedFlights(
  generation: GenerationStore<FlightRow>,
  flights: readonly Flight[],
  version = 1,
): Promise<void> {
  const newest = newestPerEntity(flights.map((flight) => ({ key: flight.flightId, version, state: flight })));
  const claim = await generation.claim('flights/0');
  const planned = planChanges(flightSearch, newest, await generation.contributed([...newest.keys()]));
  const nextOffset = claim.nextOffset + BigInt(flights.length);
  await generation.apply({ claim, expectedOffset: claim.nextOffset, nextOffset, ...planned });
  await generation.settle();
}
