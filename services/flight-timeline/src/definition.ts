import { catalogue } from '@reprise/contracts';
import { defineHistoryView, row } from '@reprise/view';
import type { TimelineEntry, TimelineRow } from './row.js';

const shownFields = [
  'carrier',
  'number',
  'origin',
  'destination',
  'tailnum',
  'scheduledDeparture',
  'scheduledArrival',
  'status',
  'departedAt',
  'arrivedAt',
  'cancelledAt',
  'divertedAt',
  'divertedTo',
  'departureDelayMinutes',
  'arrivalDelayMinutes',
] as const;

const nothingYet: TimelineRow = { flightId: '', entries: [] };

/** What happened to each flight, event by event: one row per flight, which goes with it. */
export const flightTimeline = defineHistoryView({
  name: 'flight-timeline',
  version: 1,
  source: catalogue.flightHistory,
  fields: ['flightId', ...shownFields],
  initial: nothingYet,
  evolve: ({ entries }, { event, version, occurredAt, changed, state }) => {
    const values = shownFields
      .filter((field) => changed.includes(field))
      .map((field) => [field, state[field]] as const);
    const entry: TimelineEntry = { event, version, occurredAt, changed: Object.fromEntries(values) };
    return { flightId: state.flightId, entries: [...entries, entry] };
  },
  project: (timeline) => [row<TimelineRow>(timeline.flightId, timeline)],
});
