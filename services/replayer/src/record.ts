import type { TimedCommand } from './command.js';
import { readFlights, recordYear } from './dataset.js';
import { FlightCommands } from './flights/flight-commands.js';
import { TimeZones } from './flights/time-zones.js';
import { timeline } from './flights/timeline.js';
import { airportZones } from './references.js';

/** What was commanded of the flights of these months (ascending), in the order of time. */
export async function recordedCommands(months: readonly number[]): Promise<AsyncGenerator<TimedCommand>> {
  const zones = new TimeZones();
  const commands = new FlightCommands(await airportZones(), zones);
  return timeline({ rows: readFlights(months), commands, zones, year: recordYear });
}
