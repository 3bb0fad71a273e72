import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Search } from './parameters.js';

/** Sort values of the last flight of a page. They mean the same in every generation, so a cursor outlives a flip. */
export type After = readonly (string | number)[];

const cursorShape = z.tuple([z.string(), z.array(z.union([z.string(), z.number()]))]);

export function writeCursor(search: Search, after: After): string {
  return Buffer.from(JSON.stringify([fingerprint(search), after])).toString('base64url');
}

/** Undefined when the text is no cursor, or one of another search. */
export function readCursor(search: Search, cursor: string): After | undefined {
  const parsed = cursorShape.safeParse(json(Buffer.from(cursor, 'base64url').toString()));
  if (!parsed.success) return undefined;
  const [madeFor, after] = parsed.data;
  return madeFor === fingerprint(search) && fits(search, after) ? after : undefined;
}

function fits({ sort }: Search, after: After): boolean {
  const kinds = sort === 'flightId' ? ['string'] : ['number', 'string'];
  return after.length === kinds.length && after.every((value, place) => typeof value === kinds[place]);
}

function fingerprint({ q, carrier, origin, destination, date, status, minDelay, sort }: Search): string {
  const identity = [q, carrier, origin, destination, date, status, minDelay, sort].map(
    (part) => part ?? null,
  );
  return createHash('sha256').update(JSON.stringify(identity)).digest('base64url').slice(0, 16);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
