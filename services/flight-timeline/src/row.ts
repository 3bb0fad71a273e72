import { z } from 'zod';

/** One thing that happened to a flight. */
export const timelineEntry = z.object({
  event: z.string().describe('Past-tense name, as FlightDeparted'),
  version: z.int().describe('Version of the flight after it: 1, 2, 3 …'),
  occurredAt: z.int().describe('Epoch milliseconds, UTC'),
  changed: z
    .record(z.string(), z.union([z.string(), z.number(), z.null()]))
    .describe('What it changed, as it was afterwards'),
});
export type TimelineEntry = Readonly<z.infer<typeof timelineEntry>>;

/** All that happened to a flight, in order. */
export const timelineRow = z.object({ flightId: z.string(), entries: z.array(timelineEntry) });
export type TimelineRow = Readonly<z.infer<typeof timelineRow>>;

/** A timeline as the service answers it: times as ISO 8601, UTC. */
export const shownTimeline = z.object({
  flightId: z.string(),
  entries: z.array(timelineEntry.extend({ occurredAt: z.iso.datetime() })),
});
export type ShownTimeline = Readonly<z.infer<typeof shownTimeline>>;

export function shown({ flightId, entries }: TimelineRow): ShownTimeline {
  return {
    flightId,
    entries: entries.map((entry) => ({
      ...entry,
      occurredAt: iso(entry.occurredAt),
      changed: Object.fromEntries(
        Object.entries(entry.changed).map(([field, value]) => [field, readable(field, value)]),
      ),
    })),
  };
}

const instants: ReadonlySet<string> = new Set([
  'scheduledDeparture',
  'scheduledArrival',
  'departedAt',
  'arrivedAt',
  'cancelledAt',
  'divertedAt',
]);

function readable(field: string, value: string | number | null): string | number | null {
  return typeof value === 'number' && instants.has(field) ? iso(value) : value;
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
