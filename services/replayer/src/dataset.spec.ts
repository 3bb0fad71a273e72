import { describe, expect, test } from '@jest/globals';
import { passesOf, readFlights, recordYear } from './dataset.js';
import { FlightCommands } from './flights/flight-commands.js';
import { TimeZones } from './flights/time-zones.js';
import { timeline } from './flights/timeline.js';
import { airportZones, referenceCommands } from './references.js';

describe('the record', () => {
  test('of the whole year: every flight once, in the order of time, each with its end', async () => {
    const year = Array.from({ length: 12 }, (_, index) => index + 1);
    const zones = new TimeZones();
    const commands = new FlightCommands(await airportZones(), zones);
    const counts = new Map<string, number>();
    const scheduled = new Set<string>();
    let misplaced = 0;
    let lastMs = -Infinity;
    for await (const { atMs, line } of timeline({
      rows: readFlights(year),
      commands,
      zones,
      year: recordYear,
    })) {
      counts.set(line.type, (counts.get(line.type) ?? 0) + 1);
      if (line.type === 'ScheduleFlight') scheduled.add(line.id);
      if (atMs < lastMs) misplaced += 1;
      lastMs = atMs;
    }
    expect(Object.fromEntries(counts)).toEqual({
      ScheduleFlight: 336_776,
      CancelFlight: 8_255,
      DepartFlight: 327_346 + 1_175,
      ArriveFlight: 327_346,
      DivertFlight: 1_175,
    });
    expect({ misplaced, flights: scheduled.size }).toEqual({ misplaced: 0, flights: 336_776 });
  }, 120_000);

  test('has its months in the order of their names, so a year takes two passes', () => {
    expect(passesOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [10, 11, 12],
    ]);
    expect(passesOf([10])).toEqual([[10]]);
  });

  test('of what flights refer to has 16 airlines, 1,458 airports and 3,322 aircraft', async () => {
    const commands = await referenceCommands();
    const count = (type: string): number => commands.filter((command) => command.type === type).length;
    expect([count('PutAirline'), count('PutAirport'), count('PutAircraft')]).toEqual([16, 1_458, 3_322]);
    expect(new Set(commands.map(({ id }) => id)).size).toBe(4_796);
    const airlines = commands.flatMap((command) => ('name' in command ? [command] : []));
    const names = airlines.filter(({ type }) => type === 'PutAirline').map(({ name }) => String(name));
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(16);
    expect(commands.find(({ id }) => id === 'aircraft/N14228')).toEqual({
      id: 'aircraft/N14228',
      type: 'PutAircraft',
      key: 'N14228',
      year: 1999,
      aircraftType: 'Fixed wing multi engine',
      manufacturer: 'BOEING',
      model: '737-824',
      engines: 2,
      seats: 149,
      engine: 'Turbo-fan',
    });
  });
});
