import type { Envelope, Flight } from '@reprise/contracts';

export type FlightEnvelope = Envelope<Flight>;

const yearMs = 365 * 24 * 60 * 60_000;

/** The same event of a flight `years` times 365 days later, which has another id. */
export function yearsLater(envelope: FlightEnvelope, years: number): FlightEnvelope {
  if (years === 0) return envelope;
  const { state } = envelope;
  const later = (time: number | null): number | null => (time === null ? null : time + years * yearMs);
  const scheduledDeparture = state.scheduledDeparture + years * yearMs;
  const date = localDate(scheduledDeparture, state.utcOffsetMinutes);
  return {
    ...envelope,
    occurredAt: envelope.occurredAt + years * yearMs,
    state: {
      ...state,
      date,
      flightId: date + state.flightId.slice(date.length),
      scheduledDeparture,
      scheduledArrival: later(state.scheduledArrival),
      departedAt: later(state.departedAt),
      arrivedAt: later(state.arrivedAt),
      cancelledAt: later(state.cancelledAt),
      divertedAt: later(state.divertedAt),
    },
  };
}

function localDate(instantMs: number, utcOffsetMinutes: number): string {
  return new Date(instantMs + utcOffsetMinutes * 60_000).toISOString().slice(0, 10);
}
