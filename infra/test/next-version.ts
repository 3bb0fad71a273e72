import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What a team changes in flight-search: a field is renamed, one is dropped, one is computed. */
const edits: Readonly<Record<string, readonly (readonly [from: RegExp, to: string])[]>> = {
  'definition.ts': [
    [/version: \d+,/, 'version: NEXT,'],
    [/tailnum: flight\.tailnum,/, 'tailNumber: flight.tailnum,'],
    [/aircraftSeats: aircraft\?\.seats \?\? null,/, 'route: `${flight.origin}-${flight.destination}`,'],
  ],
  'row.ts': [
    [/tailnum: text/, 'tailNumber: text'],
    [/aircraftSeats: whole\.nullable\(\),/, "route: text.describe('Origin and destination, as EWR-IAH'),"],
  ],
  'mappings.ts': [
    [/tailnum: \{/, 'tailNumber: {'],
    [/aircraftSeats: \{ type: 'integer' \},/, "route: { type: 'keyword' },"],
  ],
};

/**
 * Writes flight-search as a checkout of its next version has it, and builds it; the libraries are this checkout's.
 * @throws Error when the code is not what the edits were made for.
 */
export function makeNextVersion(root: string, { at, version }: { at: string; version: number }): void {
  rmSync(at, { recursive: true, force: true });
  const [from, to] = [join(root, 'services/flight-search'), join(at, 'services/flight-search')];
  const isCode = (path: string): boolean => !['node_modules', 'dist', 'test'].includes(basename(path));
  cpSync(from, to, { recursive: true, filter: isCode });
  symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
  for (const [name, changes] of Object.entries(edits)) {
    const path = join(to, 'src', name);
    const text = changes.reduce((before, change) => edited(before, change), readFileSync(path, 'utf8'));
    writeFileSync(path, text.replace('NEXT', String(version)));
  }
  execFileSync(process.execPath, [join(root, 'infra/bin/build.mjs'), to]);
}

function edited(text: string, [from, to]: readonly [RegExp, string]): string {
  if (!from.test(text)) throw new Error(`not found in the code of flight-search: ${from.source}`);
  return text.replace(from, to);
}
