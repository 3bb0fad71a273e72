import { yearsLater, type FlightEnvelope } from './years.js';

/**
 * time-order: as it happened; a flight's events lie within a day or two of each other. schedule-first: the whole timetable
 * is published before the first flight leaves, so that a flight's first event lies far from its others.
 */
export const orders = ['time-order', 'schedule-first'] as const;
export type Order = (typeof orders)[number];

/** The recorded year `years` times, each a year later than the one before. */
export function* ordered(
  year: readonly FlightEnvelope[],
  years: number,
  order: Order,
): Generator<FlightEnvelope> {
  switch (order) {
    case 'time-order':
      yield* merged(year, years);
      return;
    case 'schedule-first':
      yield* merged(year.filter(isScheduling), years);
      yield* merged(
        year.filter((envelope) => !isScheduling(envelope)),
        years,
      );
  }
}

function isScheduling({ version }: FlightEnvelope): boolean {
  return version === 1;
}

/** A year's last events come after the next one's first: the timetable is published a day ahead. */
function* merged(year: readonly FlightEnvelope[], years: number): Generator<FlightEnvelope> {
  const heads = Array.from({ length: years }, (_, later) => ({
    later,
    place: 0,
    head: head(year, 0, later),
  }));
  for (;;) {
    let next = heads[0];
    for (const candidate of heads) if (timeOf(candidate.head) < timeOf(next?.head)) next = candidate;
    if (!next?.head) return;
    yield next.head;
    next.place += 1;
    next.head = head(year, next.place, next.later);
  }
}

function head(year: readonly FlightEnvelope[], place: number, later: number): FlightEnvelope | undefined {
  const envelope = year[place];
  return envelope && yearsLater(envelope, later);
}

function timeOf(envelope: FlightEnvelope | undefined): number {
  return envelope?.occurredAt ?? Infinity;
}
