import type { RedisViewStore } from '@reprise/view-store-redis';
import { z } from 'zod';
import { boardRow, type BoardRow } from './row.js';
import { boardIndex } from './store.js';

/** A flight as an answer shows it: times as ISO 8601, UTC. */
export const departure = boardRow.extend({
  scheduledDeparture: z.iso.datetime(),
  scheduledArrival: z.iso.datetime().nullable(),
  departedAt: z.iso.datetime().nullable(),
});
export type Departure = z.infer<typeof departure>;

export const boardPage = z.object({
  airport: z.string(),
  departures: z.array(departure),
  cursor: z.string().nullable().describe('Give it back for what comes after; null: nothing does'),
});
export type BoardPage = z.infer<typeof boardPage>;

/** A place on a board: after this flight. */
const place = z.tuple([z.number().int(), z.string()]);
export type Place = z.infer<typeof place>;

export interface BoardRequest {
  readonly airport: string;
  /** Epoch milliseconds, both included. */
  readonly from: number;
  readonly to: number | undefined;
  readonly limit: number;
  readonly after: Place | undefined;
}

/** What can be asked of a generation of the view. */
export class DepartureBoard {
  constructor(private readonly store: RedisViewStore<BoardRow>) {}

  async page(generation: string, { airport, from, to, limit, after }: BoardRequest): Promise<BoardPage> {
    const found = await this.store.range(generation, {
      index: boardIndex(airport),
      min: after?.[0] ?? from,
      max: to,
      limit: limit + 1,
      after: after && { entity: after[1], key: after[1] },
    });
    const rows = found.slice(0, limit).map(({ row }) => row);
    const last = rows.at(-1);
    return {
      airport,
      departures: rows.map(shown),
      cursor: last && found.length > limit ? writeCursor([last.scheduledDeparture, last.flightId]) : null,
    };
  }
}

/** Undefined when it is not a cursor of ours. */
export function readCursor(text: string): Place | undefined {
  try {
    return place.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}

function writeCursor(after: Place): string {
  return Buffer.from(JSON.stringify(after)).toString('base64url');
}

function shown(row: BoardRow): Departure {
  return {
    ...row,
    scheduledDeparture: iso(row.scheduledDeparture),
    scheduledArrival: row.scheduledArrival === null ? null : iso(row.scheduledArrival),
    departedAt: row.departedAt === null ? null : iso(row.departedAt),
  };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
