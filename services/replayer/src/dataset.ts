import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { parse as parseWhole } from 'csv-parse/sync';
import { flightColumns, readFlightRow, type FlightRow } from './flights/flight-row.js';

/** The year of the record. */
export const recordYear = 2013;

const folder = new URL('../data/', import.meta.url);

/** One row of the small files, by the names of its columns; NA is left out. */
export type ReferenceRow = ReadonlyMap<string, string>;

export async function readReferenceRows(
  file: 'airlines.csv' | 'airports.csv' | 'planes.csv',
): Promise<ReferenceRow[]> {
  const [names = [], ...records] = texts(parseWhole(await readFile(new URL(file, folder))));
  return records.map((record) => {
    const cells = record.map((value, index): [string, string] => [names[index] ?? '', value]);
    return new Map(cells.filter(([, value]) => value !== '' && value !== 'NA'));
  });
}

/**
 * The flights of these months (ascending), day by day, never more than a piece of the file in memory. The file has its
 * months in the order of their names as text (1, 10, 11, 12, 2 …), so a year takes two passes.
 */
export async function* readFlights(months: readonly number[]): AsyncGenerator<FlightRow> {
  for (const pass of passesOf(months)) yield* onePass(pass);
}

/** Cuts ascending months into runs that the file has in the same order. */
export function passesOf(months: readonly number[]): number[][] {
  const passes: number[][] = [];
  for (const month of months) {
    const current = passes.at(-1);
    const previous = current?.at(-1);
    if (current && previous !== undefined && String(previous) < String(month)) current.push(month);
    else passes.push([month]);
  }
  return passes;
}

async function* onePass(months: readonly number[]): AsyncGenerator<FlightRow> {
  const wanted = new Set(months.map(String));
  const lastMonth = String(months.at(-1));
  const records = createReadStream(new URL('flights.csv.gz', folder)).pipe(createGunzip()).pipe(parse());
  let isHeader = true;
  let isInLastMonth = false;
  for await (const parsed of records) {
    const record = asTexts(parsed);
    if (isHeader) {
      if (record.join(',') !== flightColumns)
        throw new RangeError('flights.csv.gz does not have the columns it should have');
      isHeader = false;
      continue;
    }
    const month = record[1] ?? '';
    if (wanted.has(month)) yield readFlightRow(record);
    else if (isInLastMonth) return;
    isInLastMonth ||= month === lastMonth;
  }
}

function texts(records: unknown): string[][] {
  if (!Array.isArray(records)) throw new TypeError('not a table');
  return records.map(asTexts);
}

function asTexts(record: unknown): string[] {
  if (Array.isArray(record) && record.every((cell) => typeof cell === 'string')) return record;
  throw new TypeError('a record of a table is a list of texts');
}
