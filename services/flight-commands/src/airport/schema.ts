import { z } from 'zod';
import { text, unknownable } from '../fields.js';
import type { AirportCommand } from './decider.js';

const knownZones = new Set<string>();

export const airportBody = z.strictObject({
  name: text(200),
  latitude: unknownable(z.number().min(-90).max(90)),
  longitude: unknownable(z.number().min(-180).max(180)),
  altitudeFeet: unknownable(z.int().min(-2_000).max(30_000)),
  timeZone: unknownable(
    z.string().max(64).refine(isTimeZone, 'must be an IANA time zone, as America/New_York'),
  ),
});

export function putAirport(faa: string, body: z.output<typeof airportBody>): AirportCommand {
  return { type: 'PutAirport', airport: { faa, ...body } };
}

/** Asking the runtime is slow, so zones that it knows are remembered; how they may be written bounds their number. */
function isTimeZone(name: string): boolean {
  if (knownZones.has(name)) return true;
  if (!/^[A-Z][A-Za-z0-9+_-]*(\/[A-Z][A-Za-z0-9+_-]*)*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  if (knownZones.size < 1_000) knownZones.add(name);
  return true;
}
