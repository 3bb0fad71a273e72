import type { Flight } from '@reprise/contracts';
import type { LookUp } from '@reprise/view';
import type { GenerationStore } from '@reprise/view-store';
import { feedView } from '@reprise/view-store/contract';
import { flightSearch } from '../src/definition.js';
import type { FlightRow } from '../src/row.js';

/** What the view reads of a flight: fields that flights get later are none of its business. */
export type FlightSample = Pick<
  Flight,
  | 'flightId'
  | 'date'
  | 'carrier'
  | 'number'
  | 'origin'
  | 'destination'
  | 'tailnum'
  | 'scheduledDeparture'
  | 'scheduledArrival'
  | 'distanceMiles'
  | 'status'
  | 'departureDelayMinutes'
  | 'arrivalDelayMinutes'
>;

/** A flight that was scheduled, with whatever the test says of it. */
export function aFlight(about: Partial<FlightSample> = {}): FlightSample {
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
    scheduledArrival: Date.UTC(2013, 0, 1, 14, 19),
    distanceMiles: 1400,
    status: 'scheduled',
    departureDelayMinutes: null,
    arrivalDelayMinutes: null,
    ...about,
  };
}

/** Names that the tests' flights refer to. */
export const lookUp: LookUp = (stream, key) =>
  stream === 'airline' && key === 'UA' ? { name: 'United Air Lines Inc.' } : null;

/** Feeds flights to a generation as a builder does, and makes them visible. */
export async function feedFlights(
  generation: GenerationStore<FlightRow>,
  flights: readonly FlightSample[],
  version = 1,
): Promise<void> {
  const records = flights.map((flight) => ({ key: flight.flightId, version, state: flight }));
  await feedView(generation, flightSearch, { records, lookUp });
}
