/** A flight that nobody else writes: of a carrier that the recorded data does not know, by its number. */
export function scheduledFlight(carrier: string, place: number): Record<string, unknown> {
  const day = new Date(Date.UTC(2030, 0, 1 + Math.floor(place / 9_999))).toISOString().slice(0, 10);
  return {
    carrier,
    number: 1 + (place % 9_999),
    origin: 'EWR',
    destination: 'IAH',
    scheduledDeparture: `${day}T10:15:00Z`,
    scheduledArrival: `${day}T14:30:00Z`,
    tailnum: 'N14228',
    distanceMiles: 1_400,
  };
}

export function idOf(flight: Readonly<Record<string, unknown>>): string {
  const date = String(flight['scheduledDeparture']).slice(0, 10);
  return `${date}-${String(flight['carrier'])}${String(flight['number'])}-${String(flight['origin'])}`;
}
