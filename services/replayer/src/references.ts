import type { CommandLine } from './command.js';
import { readReferenceRows, type ReferenceRow } from './dataset.js';

/** Airlines, airports and aircraft, as commands. */
export async function referenceCommands(): Promise<CommandLine[]> {
  return [
    ...(await readReferenceRows('airlines.csv')).map(airlineCommand),
    ...(await readReferenceRows('airports.csv')).map(airportCommand),
    ...(await readReferenceRows('planes.csv')).map(aircraftCommand),
  ];
}

/** Time zone by airport, where it is known. */
export async function airportZones(): Promise<Map<string, string>> {
  const zones = new Map<string, string>();
  for (const row of await readReferenceRows('airports.csv')) {
    const zone = row.get('tzone');
    if (zone !== undefined) zones.set(required(row, 'faa'), zone);
  }
  return zones;
}

export function airlineCommand(row: ReferenceRow): CommandLine {
  const key = required(row, 'carrier');
  return { id: `airline/${key}`, type: 'PutAirline', key, name: required(row, 'name') };
}

export function airportCommand(row: ReferenceRow): CommandLine {
  const key = required(row, 'faa');
  return {
    id: `airport/${key}`,
    type: 'PutAirport',
    key,
    name: required(row, 'name'),
    latitude: numberOf(row, 'lat'),
    longitude: numberOf(row, 'lon'),
    altitudeFeet: numberOf(row, 'alt'),
    timeZone: row.get('tzone') ?? null,
  };
}

export function aircraftCommand(row: ReferenceRow): CommandLine {
  const key = required(row, 'tailnum');
  return {
    id: `aircraft/${key}`,
    type: 'PutAircraft',
    key,
    year: numberOf(row, 'year'),
    aircraftType: row.get('type') ?? null,
    manufacturer: row.get('manufacturer') ?? null,
    model: row.get('model') ?? null,
    engines: numberOf(row, 'engines'),
    seats: numberOf(row, 'seats'),
    engine: row.get('engine') ?? null,
  };
}

function required(row: ReferenceRow, name: string): string {
  const value = row.get(name);
  if (value === undefined) throw new RangeError(`a row has no ${name}`);
  return value;
}

function numberOf(row: ReferenceRow, name: string): number | null {
  const value = row.get(name);
  return value === undefined ? null : Number(value);
}
