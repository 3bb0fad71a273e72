import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { aircraftSeats, airlineNames } from './expected-names.js';

/** A flight as the CSV has it, and nothing of the platform's own code: what the views are compared with. */
export interface ExpectedFlight {
  readonly flightId: string;
  readonly date: string;
  readonly carrier: string;
  readonly number: number;
  readonly origin: string;
  readonly destination: string;
  readonly tailnum: string | null;
  /** Epoch milliseconds. */
  readonly scheduledDeparture: number;
  readonly status: 'arrived' | 'cancelled' | 'diverted';
  readonly departureDelayMinutes: number | null;
  readonly arrivalDelayMinutes: number | null;
}

const data = join(import.meta.dirname, '../../services/replayer/data/flights.csv.gz');

export function expectedFlights(month: number, days = 31): readonly ExpectedFlight[] {
  const [header = '', ...lines] = flightLines();
  const names = header.split(',');
  return lines
    .map((line) => line.split(','))
    .map((values) => Object.fromEntries(names.map((name, place) => [name, values[place] ?? ''])))
    .filter((row) => Number(row['month']) === month && Number(row['day']) <= days)
    .map(expectedFlight);
}

/** The file of the replayer with the first days of a month alone, as it is read: compressed. */
export function firstDays(month: number, days: number): Buffer {
  const [header = '', ...lines] = flightLines();
  const kept = lines.filter((line) => {
    // year,month,day,…
    const [, inMonth, day] = line.split(',').map(Number);
    return inMonth === month && (day ?? 0) <= days;
  });
  return gzipSync([header, ...kept, ''].join('\n'));
}

function flightLines(): string[] {
  return gunzipSync(readFileSync(data)).toString().trimEnd().split(/\r?\n/);
}

function expectedFlight(row: Record<string, string>): ExpectedFlight {
  const text = (name: string): string => row[name] ?? '';
  const minutes = (name: string): number | null =>
    text(name) === 'NA' || text(name) === '' ? null : Number(text(name));
  const date = [text('year'), text('month').padStart(2, '0'), text('day').padStart(2, '0')].join('-');
  const hasDeparted = minutes('dep_time') !== null;
  const hasArrived = hasDeparted && minutes('arr_delay') !== null;
  return {
    flightId: `${date}-${text('carrier')}${text('flight')}-${text('origin')}`,
    date,
    carrier: text('carrier'),
    number: Number(text('flight')),
    origin: text('origin'),
    destination: text('dest'),
    tailnum: text('tailnum') === 'NA' || text('tailnum') === '' ? null : text('tailnum'),
    scheduledDeparture: Date.parse(text('time_hour')) + Number(text('minute')) * 60_000,
    status: hasArrived ? 'arrived' : hasDeparted ? 'diverted' : 'cancelled',
    departureDelayMinutes: hasDeparted ? minutes('dep_delay') : null,
    arrivalDelayMinutes: hasArrived ? minutes('arr_delay') : null,
  };
}

/** What the punctuality of these flights is. */
export function expectedPunctuality(flights: readonly ExpectedFlight[]) {
  const arrived = flights.filter(({ status }) => status === 'arrived');
  const onTime = arrived.filter(({ arrivalDelayMinutes }) => (arrivalDelayMinutes ?? 0) < 15);
  return {
    flights: flights.length,
    cancelled: flights.filter(({ status }) => status === 'cancelled').length,
    departed: flights.filter(({ status }) => status !== 'cancelled').length,
    arrived: arrived.length,
    diverted: flights.filter(({ status }) => status === 'diverted').length,
    averageDepartureDelayMinutes: average(flights.map(({ departureDelayMinutes }) => departureDelayMinutes)),
    averageArrivalDelayMinutes: average(flights.map(({ arrivalDelayMinutes }) => arrivalDelayMinutes)),
    onTimeShare: arrived.length === 0 ? null : onTime.length / arrived.length,
    seats: flights
      .filter(({ status }) => status !== 'cancelled')
      .reduce((sum, { tailnum }) => sum + Number(aircraftSeats.get(tailnum ?? '') ?? 0), 0),
    departureDelayMinutes: extent(flights.map(({ departureDelayMinutes }) => departureDelayMinutes)),
    arrivalDelayMinutes: extent(flights.map(({ arrivalDelayMinutes }) => arrivalDelayMinutes)),
    airlines: Object.fromEntries(
      flights.map(({ carrier }) => [carrier, airlineNames.get(carrier) ?? null] as const),
    ),
  };
}

function extent(values: readonly (number | null)[]): { least: number; greatest: number } | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : { least: Math.min(...known), greatest: Math.max(...known) };
}

function average(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

export function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> {
  return Map.groupBy(items, keyOf);
}

/** How often each value occurs. */
export function tally(values: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(values, (value) => value)].map(([value, group]) => [value, group.length]),
  );
}
