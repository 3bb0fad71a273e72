import type { Flight, StreamContract } from '@reprise/contracts';
import { defineView, row, type AnyView } from '@reprise/view';
import { rowFields, rowOf, type FlightRow } from './row.js';

/** Every flight of the topic as a row under its own key. */
export function flightsView(name: string, source: StreamContract<Flight>): AnyView<FlightRow> {
  return defineView({
    name,
    version: 1,
    source,
    fields: rowFields,
    project: (flight) => [row<FlightRow>(flight.flightId, rowOf(flight))],
  });
}
