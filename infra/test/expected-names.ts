import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const data = join(import.meta.dirname, '../../services/replayer/data');

/** What the lists of airlines, airports and aircraft say; undefined for what they do not know. */
export const airlineNames = column('airlines.csv', 'carrier', 'name');
export const airportNames = column('airports.csv', 'faa', 'name');
export const aircraftSeats = column('planes.csv', 'tailnum', 'seats');
export const aircraftModels = column('planes.csv', 'tailnum', 'model');

function column(file: string, keyName: string, valueName: string): ReadonlyMap<string, string> {
  const [header = '', ...lines] = readFileSync(join(data, file), 'utf8').trimEnd().split(/\r?\n/);
  const names = header.split(',');
  const [key, value] = [names.indexOf(keyName), names.indexOf(valueName)];
  return new Map(lines.map((line) => cells(line)).map((cell) => [cell[key] ?? '', cell[value] ?? '']));
}

/** Cells may be quoted, with commas inside. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
}
